"""Kinds of employer (单位类型) and whether they may declare online (网上申报): the agency's setting."""
