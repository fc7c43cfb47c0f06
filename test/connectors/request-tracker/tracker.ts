/** What people do in Request Tracker, done by its REST interface: the same on the real one and on the contract server. */
export class Tracker {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @returns e-mail of a person whose phone is typed as people type them */
  async person(name: string): Promise<string> {
    const EmailAddress = `${name}@example.test`;
    const RealName = '王小明';
    await this.send('POST', 'user', { Name: name, EmailAddress, RealName, MobilePhone: '138 0013 8000' });
    return EmailAddress;
  }

  /** @returns the ticket's id */
  async create(subject: string, requestor = 'jane@example.test', fields = {}): Promise<string> {
    const { id } = await this.send<{ id: string }>('POST', 'ticket', {
      Queue: 'After-sales',
      Subject: subject,
      Requestor: requestor,
      Content: '箱子破损',
      CustomFields: fields,
    });
    return id;
  }

  async change(ticket: string, change: Record<string, unknown>): Promise<void> {
    await this.send('PUT', `ticket/${ticket}`, change);
  }

  async total(): Promise<number> {
    return (await this.page({ per_page: '1' })).total;
  }

  page(query: Record<string, string>): Promise<{ total: number; per_page: number; items: unknown[] }> {
    return this.send('GET', `tickets?${new URLSearchParams({ query: 'id > 0', ...query })}`);
  }

  /** Texts of the replies to a ticket, or of the comments on it. */
  async messages(ticket: string, type: 'Correspond' | 'Comment'): Promise<string[]> {
    const transactions = await this.search('transactions', [
      { field: 'ObjectType', value: 'RT::Ticket' },
      { field: 'ObjectId', value: ticket },
      { field: 'Type', value: type },
    ]);
    const attached = transactions.map(({ id }) =>
      this.search('attachments', [{ field: 'TransactionId', value: id }]),
    );
    return (await Promise.all(attached)).flat().map(({ Content }) => Content);
  }

  private async search(kind: string, conditions: object[]): Promise<{ id: string; Content: string }[]> {
    type Found = { items: { id: string; Content: string }[] };
    const query = 'orderby=id&order=ASC&per_page=100&fields=Content';
    return (await this.send<Found>('POST', `${kind}?${query}`, conditions)).items;
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/REST/2.0/${path}`, {
      method,
      headers: { authorization: `token ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = await answer.text();
    // A person who is there already is told so.
    if (!answer.ok && path !== 'user') throw new Error(`${method} ${path}: ${answer.status} ${said}`);
    return JSON.parse(said) as T;
  }
}
