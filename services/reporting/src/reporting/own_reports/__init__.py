"""An insured person's own reports (个人): their insurance certificate, asked for by themselves."""
