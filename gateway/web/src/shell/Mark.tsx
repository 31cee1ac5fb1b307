/** The hall's mark: a cross of care above the river. */

export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect width="64" height="64" rx="14" fill="#fff" fillOpacity="0.14" />
      <path d="M27 11h10v13h13v10H37v9H27v-9H14V24h13z" fill="#fff" />
      <path d="M6 49c9-7 17-7 26 0s17 7 26 0" fill="none" stroke="#5fd3c4" strokeWidth="5" strokeLinecap="round" />
    </svg>
  );
}
