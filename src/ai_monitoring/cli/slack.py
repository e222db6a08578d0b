"""A message to a Slack webhook."""

from ai_monitoring.cli import webhook
from ai_monitoring.stack.errors import StackError

_MEANINGS = {
    "invalid_token": "this webhook does not exist: its address is incomplete or wrong",
    "no_service": "this webhook was removed or disabled",
    "no_team": "its workspace does not exist",
    "no_active_hooks": "this webhook was disabled",
    "channel_not_found": "its channel was deleted",
    "channel_is_archived": "its channel is archived",
    "action_prohibited": "the workspace's administrators do not allow it",
    "posting_to_general_channel_denied": "the webhook's owner may not post to that channel",
}
"""What Slack's answers mean: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/"""


def post(address: str, text: str) -> str:
    """Send `text`. Returns what to tell of it. Raises StackError saying what is wrong, without the address."""
    host, status, said = webhook.post(address, {"text": text})
    if status == 200 and not said.startswith("<"):
        return f"{host} took it"
    meaning = next((f": {words}" for name, words in _MEANINGS.items() if name in said), "")
    raise StackError(
        f"{host} does not take the message: {status} {said or '(it says no more)'}{meaning}.",
        "Copy the webhook's address again into .env, or make a new one at https://api.slack.com/apps.",
    )
