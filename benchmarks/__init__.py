"""Measurements that the course's promises about speed rest on."""
