import type { ReservationState, ReserveMutation } from '../gql/graphql.ts';
import type { Failure } from '../api/failure.ts';

type Shortage = Extract<ReserveMutation['reserve'], { __typename: 'InsufficientStock' }>['shortages'][number];

/** Where a reservation made on this page stands. */
export type Hold =
  | { readonly at: 'none' }
  | {
      readonly at: 'held';
      readonly id: string;
      readonly expiresAt: string | null | undefined;
      readonly failure?: Failure;
    }
  | { readonly at: 'insufficient'; readonly shortage: Shortage | undefined }
  | { readonly at: 'failed'; readonly failure: Failure }
  | { readonly at: 'confirmed' }
  | { readonly at: 'released' }
  | { readonly at: 'closed'; readonly state: ReservationState };

export const NO_HOLD: Hold = { at: 'none' };

export function holdAfterReserve(payload: ReserveMutation['reserve']): Hold {
  if (payload.__typename === 'InsufficientStock')
    return { at: 'insufficient', shortage: payload.shortages[0] };
  return { at: 'held', id: payload.id, expiresAt: payload.expiresAt };
}
