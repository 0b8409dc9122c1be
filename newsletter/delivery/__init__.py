"""From an issue to the relay: for whom, the plan, the run, the mails, and what became of each."""
