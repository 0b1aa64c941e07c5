"""The grant types of ``POST /oauth/token``: a module each, by what the client has to show."""
