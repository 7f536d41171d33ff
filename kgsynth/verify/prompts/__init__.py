"""The prompts of this room, as files. A changed prompt changes the requests that use it."""
