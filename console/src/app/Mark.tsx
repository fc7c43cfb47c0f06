/** Two threads, woven. */
export const Mark = () => (
  <svg
    viewBox="0 0 32 32"
    width="30"
    height="30"
    aria-hidden="true"
    fill="none"
    strokeWidth="3"
    strokeLinecap="round"
  >
    <path d="M4 11h7c6 0 4 10 10 10h7" stroke="#2dd4bf" />
    <path d="M4 21h7c2 0 3-1 3.600-2.600M17.400 13.600C18 12 19 11 21 11h7" stroke="#f8fafc" />
  </svg>
);
