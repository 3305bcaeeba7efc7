"""A local Slack workspace on loopback: Web API, Socket Mode, a page, a control API. It knows nothing of Rounds."""
