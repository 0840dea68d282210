"""Installs the virtual environments; standard library only, for any Python from 3.8 on."""
