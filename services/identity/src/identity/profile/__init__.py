"""The account page (个人中心): password, mobile, own security log."""
