/** What was declared, in the words of its form: one part per kind of application. */
import type { ReactNode } from "react";

import type { ApplicationDetail } from "@/api/types";

import { AdditionFacts } from "./AdditionFacts";
import { EmployerChangeFacts } from "./EmployerChangeFacts";
import { RemovalFacts } from "./RemovalFacts";

export function DeclaredFacts({ application, revealed }: { application: ApplicationDetail; revealed?: RevealedNumbers }) {
  switch (application.kind) {
    case "addition":
      return <AdditionFacts form={application.form} {...revealed} />;
    case "removal":
      return <RemovalFacts application={application} {...revealed} />;
    case "employer_change":
      return <EmployerChangeFacts application={application} />;
    default:
      return null;
  }
}

/** The numbers as the reader may have them: with a way to see them in full. Masked texts where left out. */
export interface RevealedNumbers {
  idNumber?: ReactNode;
  mobile?: ReactNode;
}
