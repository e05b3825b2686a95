"""Text in any language: its words, content tokens and sentences, and whether a summary is one."""
