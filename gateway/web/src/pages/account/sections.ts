/** The sections of 个人中心, in their order. A section is a `Card` of its own; another one adds its line here. */
import type { ComponentType } from "react";

import type { Profile } from "@/api/types";

import { LinksSection } from "./LinksSection";
import { LogSection } from "./LogSection";
import { MobileSection } from "./MobileSection";
import { OwnerSection } from "./OwnerSection";
import { PasswordSection } from "./PasswordSection";
import { SecondFactorSection } from "./SecondFactorSection";
import { SessionsSection } from "./SessionsSection";

export interface AccountSection {
  key: string;
  Section: ComponentType<{ profile: Profile }>;
}

export const SECTIONS: readonly AccountSection[] = [
  { key: "owner", Section: OwnerSection },
  { key: "password", Section: PasswordSection },
  { key: "mobile", Section: MobileSection },
  { key: "second-factor", Section: SecondFactorSection },
  { key: "links", Section: LinksSection },
  { key: "sessions", Section: SessionsSection },
  { key: "log", Section: LogSection },
];
