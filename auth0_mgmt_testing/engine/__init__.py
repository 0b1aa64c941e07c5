"""From a request to an answer: routing, judging, behaving; knows no resource by name."""
