/** What people do in Tryton, done by its JSON-RPC: the same on the real one and on the contract server. */
export class People {
  private session: string | undefined;
  /** The company that they work for. */
  company: number | undefined;

  constructor(
    private readonly url: string,
    private readonly database: string,
    private readonly user: string,
    private readonly password: string,
  ) {}

  async create(model: string, values: Record<string, unknown>): Promise<number> {
    return (await this.createAll(model, [values]))[0]!;
  }

  createAll(model: string, values: Record<string, unknown>[]): Promise<number[]> {
    return this.call(`model.${model}.create`, [values]);
  }

  write(model: string, id: number, values: Record<string, unknown>): Promise<void> {
    return this.call(`model.${model}.write`, [[id], values]);
  }

  delete(model: string, id: number): Promise<void> {
    return this.call(`model.${model}.delete`, [[id]]);
  }

  /** Ids, those of inactive records too. */
  async ids(model: string, domain: unknown[] = []): Promise<number[]> {
    const rows: { id: number }[] = await this.call(`model.${model}.search_read`, [
      domain,
      0,
      null,
      null,
      ['id'],
    ]);
    return rows.map(({ id }) => id);
  }

  /** A number of parties, each with a phone as people type it. */
  async parties(count: number): Promise<number[]> {
    const party = (_: unknown, index: number) => ({
      name: `王小明 ${index}`,
      contact_mechanisms: [['create', [{ type: 'mobile', value: '+86 138 0013 8000' }]]],
    });
    return this.createAll('party.party', Array.from({ length: count }, party));
  }

  async call<T>(method: string, params: unknown[]): Promise<T> {
    this.session ??= await this.login();
    return (await this.post(
      method,
      [...params, this.company === undefined ? {} : { company: this.company }],
      `Session ${this.session}`,
    )) as T;
  }

  /** As when it was not used for long. */
  endSession(authorization: string): Promise<unknown> {
    return this.post('common.db.logout', [], authorization);
  }

  private async login(): Promise<string> {
    const [id, key] = (await this.post('common.db.login', [
      this.user,
      { password: this.password },
      'en',
    ])) as string[];
    return Buffer.from(`${this.user}:${id}:${key}`).toString('base64');
  }

  private async post(method: string, params: unknown[], authorization?: string): Promise<unknown> {
    const answer = await fetch(`${this.url}/${this.database}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      body: JSON.stringify({ id: 1, method, params }),
    });
    const said = await answer.text();
    const { result, error } = (answer.ok ? JSON.parse(said) : { error: answer.status }) as Record<
      string,
      unknown
    >;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }
}
