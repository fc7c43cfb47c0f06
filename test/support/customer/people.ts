import fc from 'fast-check';
import type { ProfileOrigin } from '../../../src/customer/matching/resolve-people.ts';

/** A generated person record: few names, phones and addresses, so that they collide in every way. */
export interface PersonRecord {
  id: string;
  source: string;
  origin: ProfileOrigin;
  name: string | null;
  phones: string[];
  emails: string[];
}

const PHONES = ['13912345670', '13912345671', '13912345672', '13000000000'];
const EMAILS = ['a@example.com', 'b@example.com', 'null'];
const NAMES = ['张伟', '张**', '李娜', '李*', 'Zhang Wei', 'null', null];

const record = fc.record({
  source: fc.constantFrom('crm', 'crm2'),
  origin: fc.constant<ProfileOrigin>('CRM'),
  name: fc.constantFrom(...NAMES),
  phones: fc.uniqueArray(fc.constantFrom(...PHONES), { maxLength: 2 }),
  emails: fc.uniqueArray(fc.constantFrom(...EMAILS), { maxLength: 1 }),
});

/** Up to twelve records with ids of their own. */
export const somePersonRecords: fc.Arbitrary<PersonRecord[]> = fc
  .array(record, { minLength: 1, maxLength: 12 })
  .map((records) =>
    records.map((one, index) => Object.assign({}, one, { id: `p${String(index).padStart(2, '0')}` })),
  );

/** Groups as comparable text: "a b" is one group of two. */
export function partition(groups: readonly (readonly string[])[]): string[] {
  return groups.map((group) => [...group].sort().join(' ')).sort();
}
