import { LANGUAGES, useLanguage, useText } from '../i18n/language.tsx';

export function LanguageSwitch() {
  const t = useText();
  const { language, choose } = useLanguage();
  return (
    <div role="group" aria-label={t.language} className="ow-languages">
      {LANGUAGES.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          lang={value}
          aria-pressed={value === language}
          onClick={() => choose(value)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
