/** The seal: a ring with the mark of assent in it. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="15" fill="#1f5c4a"/>
<circle cx="16" cy="16" r="11.5" fill="none" stroke="#cfe6dc" stroke-width="1.2"/>
<path d="M10.5 16.6l3.8 3.9 7.4-8.4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/>
</svg>
`;
