import { App } from './app/App.tsx';
import { mount } from './app/mount.tsx';
import './app/page.css';

mount(<App />);
