"""How the demo's passwords are kept."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class RandomPasswordHasher(PBKDF2PasswordHasher):
    """For passwords of 128 random bits, which nobody guesses however cheap a guess is; a login costs milliseconds.

    Never for passwords that people choose.
    """

    algorithm = "pbkdf2_sha256_random"
    iterations = 5_000
