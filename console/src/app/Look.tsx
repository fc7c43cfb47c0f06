import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { theme } from './theme.ts';

/** Ant Design in the language and colours of the page. */
export function Look({ children }: { children: ReactNode }) {
  const { language } = useLanguage();
  return (
    <ConfigProvider
      theme={theme}
      locale={language === 'zh-CN' ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
    >
      {children}
    </ConfigProvider>
  );
}
