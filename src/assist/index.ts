/** What the composition root may use of assist. */
import { ScreenPopResolver, type ScreenPopDeps } from './screen-pop.resolver.ts';

export const assistResolvers = [ScreenPopResolver];

/** The resolvers with their collaborators. */
export function createAssistResolvers(parts: ScreenPopDeps): object[] {
  return [new ScreenPopResolver(parts)];
}

export { ScreenPop, ScreenPopResolver, type ScreenPopDeps } from './screen-pop.resolver.ts';
