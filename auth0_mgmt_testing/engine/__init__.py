"""From a request to a response: routing, validation, behaviour; independent of resources."""
