import { HubError } from '../../../platform/errors.ts';
import type { Subscribe } from '../../../platform/api/subscribe.ts';
import type { RequestContext } from '../../../platform/api/request-context.ts';
import { isAtpVersion } from '../../model/atp-version.ts';
import { balanceKeyString } from '../../model/balance-key.ts';
import type { AtpFeed } from '../live/atp-feed.ts';
import { AtpWatch } from '../live/atp-watch.ts';
import { SubscriberGroups } from '../live/subscriber-groups.ts';
import { SubscriptionLookup } from '../live/subscription-lookup.ts';
import type { WatchArgs } from './atp.types.ts';

/**
 * The source of the subscription `atp`.
 * @param contextOf a context for one look-up
 */
export function atpSubscription(feed: AtpFeed, contextOf: () => RequestContext): Subscribe {
  const groups = new SubscriberGroups(feed);
  const lookup = new SubscriptionLookup(feed, contextOf);
  return async (args: WatchArgs, context) => {
    const pool = await lookup.pool(args.channel, args.pool);
    const places = await lookup.places(context, [...new Set(args.skus)], pool);
    const resume = new Map<string, string>();
    for (const { sku, version } of args.resume ?? []) {
      if (!isAtpVersion(version))
        throw new HubError('BAD_USER_INPUT', `\`resume\` of ${sku} is not a version.`);
      resume.set(balanceKeyString(sku, pool), version);
    }
    return new AtpWatch(feed, groups, places, resume);
  };
}
