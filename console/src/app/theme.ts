import type { ThemeConfig } from 'antd';

/** The fonts of the reader's own system: nothing is fetched, and Chinese is set in a face made for it. */
const FONTS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

export const theme: ThemeConfig = {
  token: {
    colorPrimary: '#0f766e',
    colorLink: '#0f766e',
    colorTextBase: '#0f172a',
    // The greys antd derives for secondary text are below the contrast of WCAG AA on white.
    colorTextSecondary: '#475569',
    colorTextTertiary: '#526077',
    colorTextDescription: '#526077',
    borderRadius: 8,
    fontFamily: FONTS,
  },
};
