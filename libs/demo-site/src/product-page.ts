import type { Product } from './content.js';
import { escape, jsonLd } from './html.js';
import type { PageParts } from './layout.js';

export function productPage(base: string, product: Product & { readonly slug: string }): PageParts {
  const path = `/shop/${product.slug}`;
  return {
    path,
    title: product.name,
    description: product.summary,
    openGraphType: 'product',
    image: product.image,
    crumbs: [
      ['/', 'Home'],
      ['/shop/', 'Shop'],
    ],
    head: jsonLd({
      '@type': 'Product',
      name: product.name,
      sku: product.sku,
      description: product.summary,
      image: `${base}/images/${product.image}`,
      url: base + path,
      brand: { '@type': 'Brand', name: 'Gazette Chandlery' },
      aggregateRating: { '@type': 'AggregateRating', ratingValue: product.rating, reviewCount: product.reviews, bestRating: 5 },
      offers: {
        '@type': 'Offer',
        price: product.price,
        priceCurrency: product.currency,
        availability: `https://schema.org/${product.availability}`,
        url: base + path,
      },
    }),
    main: `<article class="product">
<figure><img src="/images/${product.image}" alt="${escape(product.imageAlt)}" width="400" height="400"></figure>
<div>
<p class="kicker">${escape(product.sku)}</p>
<h1>${escape(product.name)}</h1>
<p class="rating"><b aria-hidden="true">${stars(product.rating)}</b> ${product.rating} of 5, ${product.reviews} reviews</p>
<p class="price">€ ${product.price}</p>
<p class="stock">${escape(product.stock)}</p>
<form action="/shop/"><button>Put it in the basket</button></form>
</div>
<div>
<h2>What it is</h2>
<p class="standfirst">${escape(product.summary)}</p>
${product.paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`).join('\n')}
</div>
<div>
<h2>Specification</h2>
<table><tbody>
${product.specs.map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`).join('\n')}
</tbody></table>
</div>
</article>`,
  };
}

function stars(rating: number): string {
  const full = Math.round(rating);
  return '★'.repeat(full) + '☆'.repeat(5 - full);
}
