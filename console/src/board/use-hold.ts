import { useRef, useState } from 'react';
import { useClient, type OperationResult } from 'urql';
import { failureOf } from '../api/failure.ts';
import { ConfirmDocument, ReleaseDocument, ReserveDocument, type ConfirmMutation } from '../gql/graphql.ts';
import { holdAfterReserve, NO_HOLD, type Hold } from './hold.ts';

type Command = 'reserve' | 'confirm' | 'release';

/** One idempotency key a command: kept while no answer came, so that trying again cannot take effect twice. */
function useIdempotencyKeys() {
  const keys = useRef(new Map<string, string>());
  return {
    keyFor: (command: string) => {
      const key = keys.current.get(command) ?? crypto.randomUUID();
      keys.current.set(command, key);
      return key;
    },
    answered: (command: string) => void keys.current.delete(command),
  };
}

/** Reserves one unit of a SKU on a channel, and confirms or releases that hold. */
export function useHold(sku: string) {
  const api = useClient();
  const [hold, setHold] = useState<Hold>(NO_HOLD);
  const [busy, setBusy] = useState<Command>();
  const { keyFor, answered } = useIdempotencyKeys();

  async function run<T>(name: Command, slot: string, send: (key: string) => PromiseLike<OperationResult<T>>) {
    setBusy(name);
    const { data, error } = await send(keyFor(slot));
    const failure = error && failureOf(error);
    if (!failure?.unanswered && !failure?.busy) answered(slot);
    setBusy(undefined);
    return { data, failure };
  }

  async function reserve(channel: string) {
    // The slot names the channel: another channel is another request, and the same key would be a conflict.
    const { data, failure } = await run('reserve', `reserve ${channel}`, (idempotencyKey) => {
      const input = {
        idempotencyKey,
        channel,
        reference: `console-${idempotencyKey}`,
        lines: [{ sku, quantity: 1 }],
      };
      return api.mutation(ReserveDocument, { input }).toPromise();
    });
    if (failure) setHold({ at: 'failed', failure });
    else if (data) setHold(holdAfterReserve(data.reserve));
  }

  function settle(data: ConfirmMutation['confirmReservation'], done: Hold) {
    setHold(data.__typename === 'Reservation' ? done : { at: 'closed', state: data.state });
  }

  async function confirm(reservationId: string) {
    const { data, failure } = await run('confirm', `confirm ${reservationId}`, (idempotencyKey) =>
      api.mutation(ConfirmDocument, { input: { idempotencyKey, reservationId } }).toPromise(),
    );
    if (failure) setHold((now) => ({ ...now, failure }));
    else if (data) settle(data.confirmReservation, { at: 'confirmed' });
  }

  async function release(reservationId: string) {
    const { data, failure } = await run('release', `release ${reservationId}`, (idempotencyKey) =>
      api.mutation(ReleaseDocument, { input: { idempotencyKey, reservationId } }).toPromise(),
    );
    if (failure) setHold((now) => ({ ...now, failure }));
    else if (data) settle(data.releaseReservation, { at: 'released' });
  }

  return { hold, busy, reserve, confirm, release };
}
