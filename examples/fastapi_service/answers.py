"""Answers to an athlete's questions: the coach's own texts, chosen by the words of the question."""

ANSWERS = {
    ("sleep", "tired", "rest", "recover"): "Training makes you tired, rest makes you faster. Keep one full day a week "
    "free, and sleep an hour longer after the long run.",
    ("eat", "food", "drink", "nutrition"): "For runs over ninety minutes take 60 grams of carbohydrate an hour, and "
    "try it out in training before you rely on it in a race.",
    ("pain", "hurt", "injury", "knee"): "Pain that changes how you run ends the run. If it is still there after two "
    "days of rest, see a physiotherapist.",
    ("race", "start", "pace", "marathon"): "Start slower than feels right: the first third of a race is where most "
    "people lose it. Even splits win.",
    ("shoe", "shoes", "gear"): "Choose the pair that you forget while running, and change it after 700 kilometres.",
}
OTHERWISE = "Tell me about your sleep, your food, your shoes, what hurts, or the race you have in mind."


def answer(question: str) -> str:
    """The text that has most words in common with the question."""
    words = {word.strip(".,;:!?").lower() for word in question.split()}
    best = max(ANSWERS, key=lambda keys: len(words.intersection(keys)))
    return ANSWERS[best] if words.intersection(best) else OTHERWISE
