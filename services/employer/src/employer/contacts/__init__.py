"""单位信息维护: a unit keeps its contact data (单位联系信息) up to date, and sees its own numbers in full on demand."""
