/** A row as lists give it. */
export interface Row {
  id: string;
  [field: string]: unknown;
}

interface NewTicket {
  Subject: string;
  Requestor: string;
  Content?: string;
  CustomFields?: Record<string, string>;
}

/** "One-second granularity". */
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

/** What a tracker keeps, and what becomes of it. */
export class TrackerData {
  readonly users = new Map<string, Row>();
  readonly transactions: Row[] = [];
  readonly attachments: Row[] = [];
  private readonly tickets = new Map<string, Row>();
  private untold: Row[] = [];
  /** "monotonic id", shared by all that happens. */
  private nextTransaction = 30;

  addUser(user: { Name: string; [field: string]: unknown }): string {
    this.users.set(user.Name, { ...user, id: user.Name, type: 'user' });
    return user.Name;
  }

  create({ Subject, Requestor, CustomFields = {}, Content = '' }: NewTicket): string {
    const id = String(this.tickets.size + 1);
    const person = [...this.users.values()].find(({ EmailAddress }) => EmailAddress === Requestor);
    const fields = { OrderNo: undefined, Channel: undefined, ...CustomFields };
    this.tickets.set(id, {
      id,
      type: 'ticket',
      Subject,
      Status: 'new',
      Queue: { id: '3', type: 'queue', Name: 'After-sales' },
      Requestors: person ? [person] : [],
      Created: now(),
      LastUpdated: now(),
      EffectiveId: id,
      CustomFields: Object.entries(fields).map(([name, value]) => ({
        name,
        type: 'customfield',
        values: value === undefined ? [] : [value],
      })),
    });
    this.attach(this.happened(id, 'Create'), Content);
    return id;
  }

  /** What `GET /ticket/N` finds: of a merged one, the one that it was merged into. */
  loaded(id: string): Row | undefined {
    const ticket = this.tickets.get(id);
    return ticket && ticket.EffectiveId !== id ? this.loaded(String(ticket.EffectiveId)) : ticket;
  }

  /** Asked for alone, a ticket has a number as id, and names its people by id only, as `Requestor`. */
  single({ Requestors, EffectiveId, ...ticket }: Row): Record<string, unknown> {
    const people = (Requestors as Row[]).map(({ id, type }) => ({ id, type }));
    return { ...ticket, id: Number(ticket.id), EffectiveId: { id: EffectiveId }, Requestor: people };
  }

  change(id: string, change: { Status?: string; Subject?: string; MergeInto?: number }): string {
    const ticket = this.loaded(id)!;
    if (change.MergeInto !== undefined) return this.merge(ticket, String(change.MergeInto));
    Object.assign(ticket, change);
    this.happened(ticket.id, change.Status === undefined ? 'Set' : 'Status');
    return `Ticket ${id}: changed`;
  }

  /** "Requestor", "Status": a reply to a new ticket opens it. A mail goes out, whose text is an attachment too. */
  say(ticket: Row, action: string, content: string): string {
    const transaction = this.happened(ticket.id, action === 'comment' ? 'Comment' : 'Correspond');
    this.attach(transaction, content);
    this.attach(this.happened(ticket.id, 'EmailRecord'), content);
    if (action === 'correspond' && ticket.Status === 'new') this.change(ticket.id, { Status: 'open' });
    return action === 'comment' ? 'Comments added' : 'Correspondence added';
  }

  /** The queries that are asked; undefined where it is none of them. */
  query(query: string): Row[] | undefined {
    const after = /^id > (\d+)$/.exec(query);
    const named = /^\((id = \d+(?: OR id = \d+)*)\)( AND EffectiveId > 0)?$/.exec(query);
    if (!after && !named) return undefined;
    const ids = named?.[1]?.match(/\d+/g);
    return [...this.tickets.values()].filter(
      (ticket) =>
        // Seen: no search finds deleted tickets, and one that asks for EffectiveId finds merged ones.
        ticket.Status !== 'deleted' &&
        (ticket.EffectiveId === ticket.id || named?.[2] !== undefined) &&
        (ids ? ids.includes(ticket.id) : Number(ticket.id) > Number(after![1])),
    );
  }

  /** Something that has got its id, and is seen only when the returned function was called. */
  happensLate(id: string, status: string): () => void {
    const transaction = this.transaction(id, 'Status');
    return () => {
      Object.assign(this.tickets.get(id)!, { Status: status });
      this.transactions.push(transaction);
    };
  }

  /** A ticket of which nothing is left, as after rt-shredder. */
  shred(id: string): void {
    this.tickets.delete(id);
    const kept = this.transactions.filter(({ ObjectId }) => ObjectId !== id);
    this.transactions.splice(0, this.transactions.length, ...kept);
  }

  /** What has happened since the last call. */
  takeUntold(): Row[] {
    return this.untold.splice(0);
  }

  private merge(ticket: Row, into: string): string {
    ticket.EffectiveId = into;
    for (const id of [ticket.id, into]) this.happened(id, 'AddLink');
    return 'Merge Successful';
  }

  private transaction(ObjectId: string, Type: string): Row {
    return {
      id: String(this.nextTransaction++),
      type: 'transaction',
      ObjectType: 'RT::Ticket',
      ObjectId,
      Type,
      Created: now(),
    };
  }

  private happened(ticket: string, type: string): Row {
    const transaction = this.transaction(ticket, type);
    this.tickets.get(ticket)!.LastUpdated = now();
    this.transactions.push(transaction);
    this.untold.push(transaction);
    return transaction;
  }

  private attach({ id }: Row, Content: string): void {
    this.attachments.push({
      id: String(this.attachments.length + 1),
      type: 'attachment',
      TransactionId: id,
      Content,
    });
  }
}
