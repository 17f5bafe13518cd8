"""Thin handlers: parameters in, questions asked, answers out. And the files of the UIs."""
