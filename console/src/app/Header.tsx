import { useKey } from '../access/use-key.ts';
import { useText } from '../i18n/language.tsx';
import { ConnectionBadge } from './ConnectionBadge.tsx';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { Mark } from './Mark.tsx';

export type Page = 'board' | 'graphiql';

interface Props {
  page: Page;
  onChangeKey: () => void;
}

export function Header({ page, onChangeKey }: Props) {
  const t = useText();
  const { key } = useKey();
  const here = (which: Page) => (page === which ? 'page' : undefined);
  return (
    <header className={`ow-header ow-header-${page}`}>
      <div className="ow-header-in">
        <div className="ow-header-row">
          <h1>
            <Mark /> Orderweave
          </h1>
          {page === 'board' && key !== undefined && <ConnectionBadge />}
          <nav aria-label={t.links.label} className="ow-links">
            <a href="./" aria-current={here('board')}>
              {t.links.board}
            </a>
            <a href="graphiql" aria-current={here('graphiql')}>
              {t.links.graphiql}
            </a>
            <a href="docs/">{t.links.docs}</a>
            <button type="button" onClick={onChangeKey}>
              {t.links.changeKey}
            </button>
          </nav>
          <LanguageSwitch />
        </div>
        {page === 'board' && <p className="ow-tagline">{t.tagline}</p>}
      </div>
    </header>
  );
}
