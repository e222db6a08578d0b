"""The demo's Django API: who the athletes are, and their plans."""
