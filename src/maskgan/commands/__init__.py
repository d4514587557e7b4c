"""What the commands of `maskgan` do: typed functions that call the library and say what they did.

They can be called from Python too. They hold no logic and import what they need when they run.
"""
