/** Addresses of the pages. Nothing personal is ever part of an address. */
import { Spin } from "antd";
import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";

import { LoginPage } from "@/pages/entrance/LoginPage";
import { RequireSession } from "@/session/RequireSession";

const ForgottenPage = lazy(() => import("@/pages/entrance/ForgottenPage"));
const SecurePage = lazy(() => import("@/pages/entrance/SecurePage"));
const StaffBeginPage = lazy(() => import("@/pages/entrance/StaffBeginPage"));
const PersonShell = lazy(() => import("@/shell/PersonShell"));
const RegistrationPage = lazy(() => import("@/pages/entrance/RegistrationPage"));
const StaffLoginPage = lazy(() => import("@/pages/entrance/StaffLoginPage"));
const SsoPage = lazy(() => import("@/pages/entrance/SsoPage"));
const SsoRefusedPage = lazy(() => import("@/pages/entrance/SsoRefusedPage"));
const UnitChooserPage = lazy(() => import("@/pages/entrance/UnitChooserPage"));
const VerifyPage = lazy(() => import("@/pages/verify/VerifyPage"));
const HallShell = lazy(() => import("@/shell/HallShell"));
const AgencyShell = lazy(() => import("@/shell/AgencyShell"));
const NotFoundPage = lazy(() => import("@/pages/entrance/NotFoundPage"));

export function AppRoutes() {
  return (
    <Suspense fallback={<Spin fullscreen description="正在载入" />}>
      <Routes>
        <Route path="/login" element={<LoginPage />} />
        <Route path="/staff/login" element={<StaffLoginPage />} />
        <Route path="/staff/begin" element={<StaffBeginPage />} />
        <Route path="/forgot" element={<ForgottenPage />} />
        <Route path="/secure" element={<SecurePage />} />
        <Route path="/register" element={<RegistrationPage />} />
        <Route path="/sso" element={<SsoPage />} />
        <Route path="/sso/refused" element={<SsoRefusedPage />} />
        <Route path="/verify" element={<VerifyPage />} />
        <Route path="/verify/:code" element={<VerifyPage />} />
        <Route path="/units" element={<RequireSession side="hall">{() => <UnitChooserPage />}</RequireSession>} />
        <Route path="/hall/*" element={<RequireSession side="hall">{(session) => <HallShell session={session} />}</RequireSession>} />
        <Route path="/agency/*" element={<RequireSession side="agency">{(session) => <AgencyShell session={session} />}</RequireSession>} />
        <Route path="/person/*" element={<RequireSession side="person">{(session) => <PersonShell session={session} />}</RequireSession>} />
        <Route path="/" element={<Navigate to="/hall" replace />} />
        <Route path="*" element={<main><NotFoundPage /></main>} />
      </Routes>
    </Suspense>
  );
}
