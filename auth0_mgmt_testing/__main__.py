"""``python -m auth0_mgmt_testing`` is ``auth0-fake``."""

from .cli import main

if __name__ == "__main__":
    main()
