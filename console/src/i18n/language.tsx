import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en, type Dictionary } from './en.ts';
import { zh } from './zh.ts';

const DICTIONARIES = { 'zh-CN': zh, en } satisfies Record<string, Dictionary>;

export type Language = keyof typeof DICTIONARIES;

/** Each in its own words, so that whoever cannot read the page finds the way out of it. */
export const LANGUAGES: { readonly value: Language; readonly label: string }[] = [
  { value: 'zh-CN', label: '中文' },
  { value: 'en', label: 'English' },
];

const SLOT = 'orderweave.language';

const isLanguage = (value: string | null): value is Language => value !== null && value in DICTIONARIES;

function firstLanguage(): Language {
  const stored = localStorage.getItem(SLOT);
  if (isLanguage(stored)) return stored;
  const wanted = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
  return /^zh/i.test(wanted) ? 'zh-CN' : 'en';
}

interface Choice {
  readonly language: Language;
  readonly choose: (language: Language) => void;
}

const LanguageContext = createContext<Choice>({ language: 'en', choose: () => undefined });

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(SLOT, language);
  }, [language]);
  const choice = useMemo(() => ({ language, choose }), [language]);
  return <LanguageContext value={choice}>{children}</LanguageContext>;
}

export const useLanguage = () => use(LanguageContext);

export const useText = (): Dictionary => DICTIONARIES[useLanguage().language];
