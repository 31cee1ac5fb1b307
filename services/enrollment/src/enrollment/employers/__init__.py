"""The register of insured units (参保单位), a copy fed by the employer service's events."""
