import { HubError } from '../../../platform/errors.ts';
import type { Decision, Submission } from '../command.ts';
import { decideAdjust } from './decide-adjust.ts';
import { decideCancel } from './decide-cancel.ts';
import { decideAllocate, decideReject, decideShip } from './decide-fulfilment.ts';
import { decideConfirm, decideExtend, decideRelease } from './decide-reservation-command.ts';
import { decideReserve } from './decide-reserve.ts';
import { decideInspect } from './decide-inspect.ts';
import { decideRefund } from './decide-refund.ts';
import { decidePool, decidePresale, decideSettle } from './decide-supply.ts';
import { decideInbound } from './decide-inbound.ts';
import { decideRestock } from './decide-restock.ts';
import { decideChannelOrder } from './decide-channel-order.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { settleAll } from '../steps/settle-supply-plans.ts';

/**
 * Decides one command on the locked rows and applies its effects to them. A bad request throws before it has
 * touched anything.
 */
export function decide(stock: LockedStock, submission: Submission): Decision {
  const decision = decided(stock, submission);
  // What it did to today's units, or to plans, may have broken promises for later days.
  settleAll(stock, submission.actor.name);
  return decision;
}

function decided(stock: LockedStock, { command, actor }: Submission): Decision {
  try {
    switch (command.type) {
      case 'reserve':
        return { outcome: decideReserve(stock, command, actor) };
      case 'confirm':
        return { outcome: decideConfirm(stock, command, actor) };
      case 'release':
        return { outcome: decideRelease(stock, command, actor) };
      case 'extend':
        return { outcome: decideExtend(stock, command, actor) };
      case 'cancel':
        return { outcome: decideCancel(stock, command, actor) };
      case 'allocate':
        return { outcome: decideAllocate(stock, command, actor) };
      case 'ship':
        return { outcome: decideShip(stock, command, actor) };
      case 'reject':
        return { outcome: decideReject(stock, command, actor) };
      case 'takeOrder':
        return { outcome: decideChannelOrder(stock, command, actor) };
      case 'refund':
        return { outcome: decideRefund(stock, command, actor) };
      case 'restock':
        return { outcome: decideRestock(stock, command, actor) };
      case 'inspect':
        return { outcome: decideInspect(stock, command, actor) };
      case 'adjust':
        return { outcome: decideAdjust(stock, command, actor) };
      case 'recordInbound':
        return { outcome: decideInbound(stock, command, actor) };
      case 'configurePresale':
        return { outcome: decidePresale(stock, command, actor) };
      case 'configurePool':
        return { outcome: decidePool(stock, command, actor) };
      case 'settle':
        return { outcome: decideSettle(stock, command) };
    }
  } catch (error) {
    if (error instanceof HubError) return { refusal: error };
    throw error;
  }
}
