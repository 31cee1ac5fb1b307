/** Names for the shapes of the generated schema: taken from the routes, never typed by hand. */
import type { paths } from "./schema";

type Verb = "get" | "post" | "put" | "patch" | "delete";
type Json<C> = C extends { content: { "application/json": infer J } } ? J : never;
type Success<R> = R extends { 200: infer A } ? A : R extends { 201: infer A } ? A : R extends { 202: infer A } ? A : never;

/** What a route answers. */
export type Answer<P extends keyof paths, V extends Verb> = paths[P] extends Record<V, { responses: infer R }>
  ? Json<Success<R>>
  : never;
/** What a route is sent. */
export type Body<P extends keyof paths, V extends Verb> = paths[P] extends Record<V, { requestBody: infer B }> ? Json<B> : never;
/** One row of a route that answers `{items, total}`. */
export type Row<P extends keyof paths, V extends Verb> = Answer<P, V> extends { items: (infer I)[] } ? I : never;

export type Session = Answer<"/api/identity/sessions/current", "get">;
export type Profile = Answer<"/api/identity/account", "get">;
export type PasswordPolicy = Profile["password_policy"];
export type StaffMember = Row<"/api/identity/staff", "get">;
export type Holder = Row<"/api/identity/holders/searches", "post">;
export type Unit = Row<"/api/identity/units", "get">;
export type Permission = Session["permissions"][number];
export type AccountKind = Session["account"]["kind"];
export type Agent = Row<"/api/identity/mandates", "get">;
export type OwnMandate = Row<"/api/identity/mandates/mine", "get">;
export type Invitation = Row<"/api/identity/invitations", "get">;
export type InvitationForm = Body<"/api/identity/invitations", "post">;
export type ReceivedInvitation = Row<"/api/identity/invitations/mine", "get">;
export type ApiKey = Row<"/api/identity/api-keys", "get">;
export type ApiKeyForm = Body<"/api/identity/api-keys", "post">;
export type IssuedKey = Answer<"/api/identity/api-keys", "post">;
export type LookupAnswer = Answer<"/api/enrollment/people/lookups", "post">;
export type Batch = Answer<"/api/enrollment/batches/{batch_id}", "get">;
export type BatchKind = Batch["kind"];
export type FaultyRow = Row<"/api/enrollment/batches/{batch_id}/faulty-rows", "get">;
export type AdditionForm = Body<"/api/enrollment/additions", "post">;
export type Application = Row<"/api/enrollment/applications/searches", "post">;
export type ApplicationSearch = Body<"/api/enrollment/applications/searches", "post">;
export type ApplicationDetail = Answer<"/api/enrollment/applications/{no}", "get">;
export type ReviewSearch = Body<"/api/enrollment/reviews/searches", "post">;
export type ReviewDetail = Answer<"/api/enrollment/reviews/{no}", "get">;
export type ReviewClaim = Answer<"/api/enrollment/reviews/{no}/claim", "put">;
export type ReviewRow = Row<"/api/enrollment/reviews/searches", "post">;
export type DecisionOutcome = Answer<"/api/enrollment/reviews/decisions", "post">["items"][number];
export type Notices = Answer<"/api/enrollment/notices", "get">;
export type RosterSearch = Body<"/api/enrollment/roster/searches", "post">;
export type RosterRow = Row<"/api/enrollment/roster/searches", "post">;
export type RosterDetail = Answer<"/api/enrollment/roster/{person_id}", "get">;
export type Recognition = Answer<"/api/enrollment/me/recognition", "get">;
export type OwnCoverage = Row<"/api/enrollment/me/coverage", "get">;
export type OwnContributions = Answer<"/api/employer/me/contributions", "get">;
export type Report = Answer<"/api/reporting/reports/{report_id}", "get">;
export type Assessment = Answer<"/api/employer/assessments/{assessment_id}", "get">;
export type CheckedCopy = Answer<"/api/reporting/verifications/files", "post">;
export type IssuedDocument = Answer<"/api/reporting/issued-documents/{reference}", "get">;
export type Verification = Answer<"/api/reporting/verifications/{code}", "get">;
export type CostPreviewForm = Body<"/api/employer/cost-previews", "post">;
export type MonthCost = Answer<"/api/employer/cost-previews", "post">["months"][number];
export type RemovableRow = Row<"/api/enrollment/removals/searches", "post">;
export type RemovalForm = Body<"/api/enrollment/removals", "post">;
export type MaintainedRow = Row<"/api/enrollment/people/searches", "post">;
export type MaintainedPerson = Answer<"/api/enrollment/people/{person_id}", "get">;
export type ContactForm = Body<"/api/enrollment/people/{person_id}/contact", "put">;
export type PersonChange = Row<"/api/enrollment/people/{person_id}/changes", "get">;
export type UnitMonths = Answer<"/api/employer/contributions/months", "get">;
export type UnitMonth = UnitMonths["items"][number];
export type ReceiptImport = Answer<"/api/employer/receipt-imports/{receipt_import_id}", "get">;
export type ReceiptLine = Row<"/api/employer/receipt-imports/{receipt_import_id}/lines", "get">;
export type RateTable = Answer<"/api/employer/rates", "get">;
export type RateChange = Row<"/api/employer/rate-changes", "get">;
export type RateForm = Body<"/api/employer/rate-changes/rates", "post">;
export type LimitsForm = Body<"/api/employer/rate-changes/limits", "post">;
export type EmployerKind = Row<"/api/employer/employer-kinds", "get">;
export type Employer = Row<"/api/employer/employers", "get">;
export type EmployerForm = Body<"/api/employer/employers", "post">;
export type AuditSearch = Body<"/api/employer/audit/searches", "post">;
export type AuditEntry = Row<"/api/employer/audit/searches", "post">;
export type AuditVerification = Answer<"/api/employer/audit/verifications", "post">;
