"""单位信息变更: a unit asks for a change of its registration, with attachments; the agency decides (ADR 0014)."""
