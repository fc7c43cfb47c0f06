import { useMemo } from 'react';
import { useLanguage, type Language } from './language.tsx';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

const STEPS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

function formatMoney(language: Language, { amountMinor, currency }: Money) {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency });
  // Yen have no minor unit, dinars have three digits of it: the currency says, not the code.
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** 75 → "1 minute": how old something is, in its largest unit. */
function formatAge(language: Language, seconds: number) {
  const step = STEPS.find((candidate) => seconds >= candidate.seconds) ?? STEPS[3];
  const count = Math.floor(seconds / step.seconds);
  return new Intl.NumberFormat(language, { style: 'unit', unit: step.unit, unitDisplay: 'long' }).format(
    count,
  );
}

/** 75 → "1:15". */
export function formatCountdown(seconds: number) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}

export function useFormat() {
  const { language } = useLanguage();
  return useMemo(() => {
    const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
    const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
    const number = new Intl.NumberFormat(language);
    const signed = new Intl.NumberFormat(language, { signDisplay: 'always' });
    return {
      time: (iso: string) => time.format(new Date(iso)),
      day: (iso: string) => day.format(new Date(iso)),
      number: (value: number) => number.format(value),
      // A true minus sign is as wide as the plus, so signed columns line up.
      signed: (value: number) => signed.format(value).replace('-', '−'),
      money: (money: Money) => formatMoney(language, money),
      age: (seconds: number) => formatAge(language, seconds),
    };
  }, [language]);
}
