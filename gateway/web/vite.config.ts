/// <reference types="vitest/config" />
/** Build of the pages. The gateway serves dist/ and replaces `__CSP_NONCE__` in index.html with a fresh nonce per answer. */
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const hallPort = process.env["HALL_PORT"] ?? "8000";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // nothing inline: the content security policy allows only our own files
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|react-router|scheduler)[\\/]/ },
            { name: "antd", test: /node_modules[\\/](antd|@ant-design|@rc-component|dayjs)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: `http://127.0.0.1:${hallPort}`, changeOrigin: false } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
