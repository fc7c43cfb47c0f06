/** A model whose changes make a record of a stream be read again. */
export interface FeedingModel {
  model: string;
  /** The field with the id of the record that it belongs to. */
  owner: string;
}

/** The record of a stream, and what else it is made of. */
export interface Feed {
  name: string;
  /** The first one is the record itself. */
  models: readonly [FeedingModel, ...FeedingModel[]];
  fields: string[];
}

/** Adding a phone does not touch the party: contact mechanisms are watched too. */
export const PARTIES: Feed = {
  name: 'parties',
  models: [
    { model: 'party.party', owner: 'id' },
    { model: 'party.contact_mechanism', owner: 'party' },
  ],
  fields: [
    'name',
    'code',
    'active',
    ...stamped('', 'contact_mechanisms.'),
    'contact_mechanisms.active',
    'contact_mechanisms.type',
    'contact_mechanisms.value',
  ],
};

export const COMPLAINTS: Feed = {
  name: 'complaints',
  models: [{ model: 'sale.complaint', owner: 'id' }],
  fields: [
    'number',
    'reference',
    'state',
    'description',
    'date',
    'type.name',
    'customer.name',
    'customer.contact_mechanisms.active',
    'customer.contact_mechanisms.type',
    'customer.contact_mechanisms.value',
    ...stamped(''),
  ],
};

function stamped(...prefixes: string[]): string[] {
  return prefixes.flatMap((prefix) => [`${prefix}create_date`, `${prefix}write_date`]);
}
