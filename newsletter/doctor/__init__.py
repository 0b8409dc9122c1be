"""The mail doctor: whether DNS, relay and our own address are such that mailbox providers take an issue."""
