"""Who is who: joining by a code, inviting, leaving, handing over, one person on many channels."""
