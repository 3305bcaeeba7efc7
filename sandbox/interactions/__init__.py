"""What people do that reaches the bot: commands, clicks, modals, shortcuts, the Home tab."""
