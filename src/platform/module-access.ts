/** The scopes of a module's fields: joined for all modules, they are what the schema enforces. */
export interface ModuleAccess {
  /** The scopes that the module declares, each with a sentence for those who make keys. */
  readonly declare: Readonly<Record<string, string>>;
  /** `Query.sku` → its scope. A root field that is not listed is for the admin key alone. */
  readonly fields: Readonly<Record<string, string>>;
  /** `Type.field` → how it is shown to a key that may not see personal data. */
  readonly masks: Readonly<Record<string, (value: string, parent: unknown) => string>>;
}

/**
 * Declares the access of a module. A field names a scope that the module declares, or uses from another one; else it
 * does not compile.
 */
export function defineAccess<
  Declared extends Readonly<Record<string, string>>,
  Used extends string = never,
>(access: {
  declare: Declared;
  uses?: readonly Used[];
  fields: Readonly<Record<string, (keyof Declared & string) | Used>>;
  masks?: ModuleAccess['masks'];
}): ModuleAccess {
  const { declare, fields, masks = {} } = access;
  return { declare, fields, masks };
}

/** Of a module whose fields are for the admin key alone. */
export const ADMIN_ONLY: ModuleAccess = { declare: {}, fields: {}, masks: {} };
