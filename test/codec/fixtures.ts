/**
 * Streams that other programs wrote: zstd 1.5.4 and lz4 1.9.4 (from the content that is given), and record
 * batches of a Kafka 4.1.0 broker, without their headers.
 */
import { fromBase64, noise, text } from './support.ts'

export interface Fixture {
  readonly name: string
  /** The command line that made it. */
  readonly madeBy: string
  readonly content: Uint8Array
  readonly bytes: Uint8Array
}

function repeated(part: Uint8Array, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => part[index % part.length] ?? 0)
}

export const zstdFixtures: readonly Fixture[] = [
  {
    name: 'level1',
    madeBy: 'zstd -1 --no-check',
    content: text(3000),
    bytes: fromBase64(
      'KLUv/QBITSAANv6OGZCp0AHLx1awoVFp/tZ4Vkt2k93nsdqdWAGWAIUAgAA2tkfTzuKejC+jRHN42c4ClXafjC82ejWWQ/NkfMFCUVX3ZHwpzSfjC4pBVU28fDK+ZD4ZXyarnQ+3nQViO9dmO+8emQkchsGhodDuhBiBwwICQzkYOAjFU4HDMDg0EOHkk/Fl9wKeHJQFBQaC0xxrZ6NN3SnbdqZagcMwODSIIYBBEhIMChQATJzAYRgcGm6xnVexnQMFzZ6ML4mVQ4ZCt513ads5y9pZbAkchsGhwW4rp52rSunJ+GJTePRkfNE0yzVMLHwyvphYrTFs591qZ5oT+mR8maHJdhYC6/AodcRWDtVl0mge7ZPxZazaWcyT8WURhemO6uW286w+GV/U9kxrC8UkpuU9GV/EVDsrlVa1c92O4ZPxZasCbEZp7Vx0K6hoVaDYdp5bImrnrZnJa+c7tRFUVDmaZLk3ZIND7ayae9TOiE/GF9LJGcXRqkMcoyLdUzU9S7Qn44sl2mlZal2Z4mw7W6Wgyn0yvtzS1JPxBQnJlK6ejC9ENDszuO18185ipnJ16sn4Mkh0l+2MRLXWzmTXzpv6ZHwlSVWvnW1qrWqqnYksb9o5M7GdTVw7G2W2s4rJzZsn40sK2nYeW3Gp285iqJ33dkxN21mtJkksIbbziLon48tO3RYitrPOPhlfhLB2RsypUaG4dtjOg/VkfLkb0i3TzXbGXauq03bOIcx2LrGGtHb2ZHwpM9JJYTpTSNnOmiaqPYDaqFE0kApExoQUJEkKGQ5AQmIMEZoHEBLijK0d1YJL708dyYKSGqJQ58phB3haOQCirg5oJBgep+2F+GQsdgYLNtUETDOcaV7dC7xChGpuRSohM9bjSBxQzA+QPU3mQIU5SzmAWUVUXBch7UHHp4zvK9FLKbMCBmo5ruipe7K5zrkzXY1QZJb/+yJ7uqHgzsunKPgPcM8ugaCU7fBngDyiNEtIdDjiJvRhsQ7p8sbFmjCbM3VI2Qf0b1YbHeDlEGigYpg9ZEcr1QOfjKF0u3GE5TcgM7xvzpPCg+kVuf8Tx/W5OY2Uz94whomO81RCZXn/Qhl6EJgRaJ8RsxDzIpXYDwDdiHNa5OtnBobXEW/XgUXTxmKGHBTc1zjJuJYRXoI7nJeO1pZxQcca6SVEbsduLBRFSADmheJ3ogdqigoTGcFWy8hyw4+f56XIBrroPG4cNHtXVXw+shmhmP1CFLdQu6rcnvQBMfki0n3oiza5MZJaNYEkvCKw4iHUNLsFjXvL49MdYMHKlAmDkSAMjGNNVl0TsHlxXwTGIk9nrzGT2nbZq+0kshsxvBHvgWkyBkXBXGRdlcF+eaBpRCzKSzBv5FiDUwEXwc2sAg==',
    ),
  },
  {
    name: 'level3Checksum',
    madeBy: 'zstd -3',
    content: text(3000),
    bytes: fromBase64(
      'KLUv/QRYrR0A5uthGoCpIA/sR4ZhkTE2CA6V0yZ2SSmJshVjFBkNaABVAFQALqvDyaS5Geum8/gm/+togjZEPKs733doWe5QMduhz9uhmTVEN6oSscBhAYFBcTBwELTCGfMtEoiFIrMCFokDxYICA0HhmXYoTR6mT7lD5ykeAEQiIcGgQAGApAQOCINDQ6Xt0ETboQEmmHOnHSp5qvx5h/7H8WuO6NJUdnaTxJvsO3Rcgh7fDhWxl9UcWvLned2N8WqSvkPFZkKYRqzLHepEpCzC5018dnQl/g7FOf479JUm+8mUNd6hUjMB80mRypnZofnx1Q6tQrLM52e8oZP0kM1zWbNDzdBn45lfZqb54LMQCetGZ1R4Onyd0Jw7lH4yv6wcf2wIpz4zTttV/iX6NlM286QdOlQ7NA+J7OehiptCJD/pH7ryDr0726EkdSe+vJdlSOowC5PwvpEck1f6lTezFNqhdrtvFLSksh1qOw1mYZZl0v/CHXoeux16SUsqIhr0CaF9m9uhSEVyojnaoZ9KCYEQqIE8VAsShooKhWUMcYQEOSg11gMRICDJMcreBpl8aZnVUZUneUHpDFGlkz/M6TKp92nBQFjVi4Am29OqTe6Jp2krcTLGm0EioHJT8smnLGYczaGCrDFTVeqT7Ar6Dgc99MRQxcbYhqO4gfi1SAdsb/dCN4uNubBy1zpMPd6M730UmlCEHiz4lPDRSyCyqRUK1JdE73GJr00IRqBZN7fcNKBo7IWYgvXlGqZ9WhO257DJBr8GPLVLdxTV9+rMSUQUDGMJ2p3Y4AR1JA45Im1bt1pc/jlt6d6PlAHQM7Ia7kAr55yBUsPLAxxRU93woULy6ySLYKJdtxHwXZ7sEgQ2LpYkK9v+EEem3LYNcOwVIJkTfaDbEsgs84K2MAAJ6WNcSYxcgV4GxiIGYucXr+U5HfKqs3/hQYgXYr84VnA2shn2yJPfuIb4sD46OcoIv+SijC/Rtaeu3YXYLTVrQpcCbhN27m7mqh6guZCZeeFrTblI1RfJq/sV/uHGRgIdZu2e2iEtnvtPzueuLHejsACq7zR9eJBVkz16T4dsTEXBF1Mv9HJ2e+txy+SipHegppdG+hxi0gw3GKkxU+nDM1hJRGA86QgRhzSnseCxv5DfowPT4cikudegabBwvMMn6xehNRObUTfKw6goUFEiR2qU6bq0hUQgEdkrEhrtHTrrAUYzbsos4wUruFpHknJMwMQM45d3I80jUHwDj7egN/04jS3gpSP8YNZWAURRFMo=',
    ),
  },
  {
    name: 'level19Checksum',
    madeBy: 'zstd -19',
    content: text(3000),
    bytes: fromBase64(
      'KLUv/QRoNRsAFm5fGpA5ywHLR5Z1KR2av8WodSRJKZNMyXVYMiN6bABQAFAAMRoSihVLrfnJtLIIubkVOY+peHbldiLjOtHWrYlNVdGYaFRPTE8BBCRQpCN2xBAOCxAwYDgw4BA1LnJGDQsKDQy/ATQsHGBYoIABARdNhKf6Kmcf44HCQoIEBgooOJAwwkHBwKGB/5oAAhIClCnSJLnvW3mrkl/chqZNlJ6mmGpEpjTKBFH9jDlVXnmp1rZkNUnik6FxJVj3SObnvKixi+mYp1p8pEErqybiqmR+EvvMhNSrLLRXyS3VlxM0hrjWSYckkuiEQVJ6D5aPcXz+zeK7cTS76JqSNTjW9caXSRS6R9lGVkU3pxY0r/yZDZWtZzgbh2X1rhJ2RGjEVaFqWSpV43tSCpbus6ozAQxE17ymVv8iUt3qnxwhj2howkKiGP01vaBR0Js86tZj/qRUl5JuxLj/zWL8Se2YmdojpDOlfVLhqcs8G3vCesV1z2/ptC4ah+Iyc7JUKjUKgSyoQRTdLvUZxoGMwKHW2w5BHKYpAflC+wYwozXHZRV8utqaPYb3esku6DSmEEgKg45l04jPIsXXknQNmLwM7oEwZMtU1ia9DAoRUKGN+6ZaA4AG2eGsYzohA+IkVhcry0HQrSRs0zRqYvzDHyJX47ZT4pnoTxbYoHFw27mmyUtHn2BDZJPpgPGRokA6gM4dRn6jDQ9Ig53qWVBmTlbIGewsO0GcsYRdlpwXOebGOKzQCdMjbqL18pMiapCrRyRhHv7UyT3EWJgHmGkww0XwUb5RloyVx+8UZCriyZL8hDu0ujG3B9AdZujpXxZoTrf0c4cijssei53SyHPq8zWQt1gRoMItvJpM0E3sNmTNkQKEWx7+ZtLmwpUYQ04lg66DcMqqbw3RHoRpH3iDx/WBxDkjWlb3ZQ1f30ZnPsfxg71gFv+MWEDnc47gBgoTUF7j1HmClMeuOUdsK2ii5D6dtnFOtZWd3yvqgOqBYr9ur0joDz+FM+dIntIK2U+DsIkA6fiGa3rZ1x1v/vi6ZRJW+Xs3HTOOxRVLo7b4YO156p5DsW3IWOLg28YodI9WrhtpwHmj2hequwSeAtlj0BlKmNZF0YR1A+Z2+zqLxX/Hvmh+p3KDCyzfLx6dPMMHtzojjVWV9qUCRFEUyg==',
    ),
  },
  {
    name: 'smallBlocks',
    madeBy: 'zstd -19 --zstd=wlog=10,clog=10,hlog=10',
    content: text(6000),
    bytes: fromBase64(
      'KLUv/QQAPAsAZtEsGIBNsQEsUiDsLbdD4onaK7t3JpmBSUJeFS4AJQAgAEhkvQdieTQyK/BALBoRiORQeP0pD7N+knNKgAXhcCgSEMCnBMqiUCaViUYoDAIvlt2/VNvYLqNNDRHP6q7nsjHnEQoD+m2vmqlAiTAkjYVBGbQK/aTZHLF+TcRnHZ0mm57db4rksyl7s9+ZZ1GLRC2rQ8rLo4H3yd7OyifM6t0yqdXBkjtmK8rDTto9VxO67qh4RRliqEEY3i71GcZARFDKzDwgyDAVrB1qBk4JP1Y5J5pRERcr2xtOOJVtfA5wna3fQ/TEKBDi822Ckn25U0kzrm61Qu55DYJXLOfTSdO5uth0d4MW+QDfsXaettVW1w24eQkO3Z85gsXB2vSky4OLm5ZRYO3Nhpu6UJvMhnzsiPd0+kY9K4VRro3YBAMTjtXQFCFThrm4vuZizy9tM01yaq96KvqMOEuC3GX7x0dM0a9yAxXMCADjDRoLg9JSr1VIhYavh8jlaimx6OiXVXrtRbwsMuxcq1hpVjuyy4ysJSMTOgvxZPvPXugfGutGtMrqfUO+rCREGxkdiYqIOvNms8Vq0VeJ1BoVVR3dSUWvQ/vNV7oNZtKcn376sLbxddEDEWa4QErzASDIOBMg66wrrYTlEWjRZrwYDHhjlUeQ0Px6vKPz4bEUD7CPML4WdfEr3UhL9vr670WNMOARTzpNzGv7M+Juh8sQSS/vXVSM7uQfVibmM7sr3iQhPJ9efE2NLGQIYPzdrdkBrgDPDLBc7MYtnvwrtfd3NYy/88WwL8FsClN62Wue8OxHvLvDZ2QiOBTbqqO4cIh/bCJHe7sZYwT7N6s/2zj4fMU9xh0oBfQIABKPGwjAd0SKpA+AcYT5S5oS6OCJT8zov+1wo3+AiicSEnJBRJOfBk8yEXjrZc41f5V5ZxPQD19M4a80DBURs0tlBGVfR453joW9wpz13PG7DNIjgxC9Ea9ZdiYyUM2VASBTqbiCpATvAsIV1uffMHAGa/hABjEkeA7EvPL2D4OG2yUw/pP3+sdDFR59zuqWnTduoO5qn95FDD1gSGNBaODzl8Shj/gwFtBhJnEcE65MySvMi/iBzlBtgb/aKEkBvobTr+w6jUUmOPHIX78a4noFdbFZ8xOfP8K1S8VQ7UF8EU93O3LfmH7n4KlzgSP2IAJPJiTHovIYK1SPZDffeJh9ah0JaAk4K7rJKUeY27q9P0EdvZhykRIy5eq4xW60CABzTRdBmyMC9lBWDpQwUsnC8h6esTS41j8h8NikbRwgJFoOwxJTkAl9uol3gmwuGGEnTumReTBA7s0mIniwIYbuJAwtiPKoC7O5cESZkPhwKJ4J+PmCD1yAP7KTr5SzBRdr+CEgiEqBpt0zesQQ26eeJNt6EPfgDpUN57kIaAZy0+QIp9afjSRailxi1iTxwcggPcJbFSAJWmqneaaBhqjUDngyUTPP7EHCF/job28Pwz/vlcTjAKUYh7U1s5ls49C2kc/I3hW3TiPd7dfQWUgbgLw+RGHx/Ex4f4kwDjCVnOWhuPVW0nh47y+FJ3pmX6M3vpToSXvfSIR3HsTH/Mc0d55dkXMGt6VOPFDhAhvSbitj3w7sLtwIALKMGArQNxCENjc3FyweBXy0JnIj3KCPGXKLIKJt8XWoECCxzt95JsnioNF+6RNP9LIhvZE68j/jDTCg9nRFaPOhGMJj5P0W4yBx5+qA10AiBOw8ucj4YxiNnGg7Uq9sZS7cAOgPaPggiCgV4MowBkw6KZojv4BrhHqwyOdfetLgo8ZVhNQlwSNKLiR/Ga0Zy2DwN7oIfgArriwK1DXGgvLM0WdNKa/Z1FHJ+MHcqHGimsjwipiNuiNS9f5AnYY1oj9EYrSCkTULBj67fqiAo5NP8Jcx+pqUmbDeHsMBkU2jUEeQCqCYhbltek7op1N6jh2Y9k4MLLoqiB9hdUGdAHqJedEm2OK98ah0OdmaaArCGf1pQrYeNCrtvQqlBwCSjBkN0BUOgPW07ZYVEblg8YPqeRbgBy2qdGZJHNDuN6Jsb5lZg14XGh0ARtMPgdUjo3id7iMTBWbApm9Ih0xIMqYvFQGmQ+oANDFcetMAOAPnaUsdPKXPXznkFEAjXQN917gvT6gTBkJY/BiMNGDwF52pWZWbhBdIZD0WI2xTzId3E/xiclFqCiwv/dx+FVsf9M4vogFc70aHjFQQJp/8JERYmBB4MJaiYOUpf1kGxn8f+oySJZXUgzzWkUPEWo6wUlUyfTKxOhn4gCwASO8j4anGk50fKLxwRvwOTHkZZsbs3wPeqjATu7yaM07XQU4p4OEUY5tJpQ==',
    ),
  },
  {
    name: 'fastSmallBlocks',
    madeBy: 'zstd -1 --zstd=wlog=10',
    content: text(5000, 3),
    bytes: fromBase64(
      'KLUv/QQAZA0AhhhAGnBJ2gEcjaRWdU0YFi8+upYlu8kuC0eCqp4QPQA5ADQAA6EgIREEDFMvhnhlMUTXr30YhxiFpl0/Op+4bhiHGAWWDuMQo2hN52KI6i4elwM8IkgIBwkCqFoMMbtiSMQobpe7GHLJpWdej84nNrfVR+dTX/sZY5r7NWb2MA4xilT35LpiyFUO4xCjYOzCQQYGxMBBoRXXh2aHru6srXmPzqfizu5itGMrS7NiSFqiPTqf0LG18NH5lJp4i6btp7fMzImGyebFkLQdxgnIvMxZ3syYWgzJU8XzYog3LlYXQ2zZiyF5eVoMwdZ1NvdCbn10PmHdo/NJ94ohnInVyqXIAUYgYKJRaqwH9G3hLeOCAZWHZWAmG9cF80C4aW/MJ5uTt8lu/ma127UdFAeRZAzFLbDbH3dDtt34uBuVuyVoN6S463MXbdsDs2cMRMvAM9bEZjw7JoloU+YNNvpNxtk3YuCWz8NKGQM2rmhjEm+sXzALZSCVcW3b+skBY5tny4CijVcR0vgZK16xjbGNP0aVEaGM07P3ZJxV8Skb+OIDXehaG1dFXnG8mHikDAD3mDpBADcANgDnUxqmWeOj8ylLh3GIUeAl8uYmYzEE+YZxiFGkIcAjgoRwkCBw/Oh8yt5hIBQkJIKA0TiMQ4ziygoHGRgQAwcFC4TP16/Z2oohxv7ofLJC09bqR+cTWjHE8Zp3GIcYxaZbuiUv42oVO2f3o/PpmIshbv3ofGrzRwGG7LniMraz1R1y5+Gj88lat7sYUtmWXQypW+b1YRxiFI53j84n7tZzXi2GuCoeX7kWQ7hZtZgHBW27R+eToiUWQy7ViiFodaXJt916h/vofPIrhvB6XTHkrrUYoq3nvVkM2T62Yoi6aZY5J5ZDIEBCghRTHt/l02Mz9geayA2VKdjYMtrY+AX7kzywyrptSoZZxbBVpVnhjguYI6u7ASA32+5GrRyrL87FQReHUxxy28FupG1ZhLmFGGsEztIWCdmN1dYc5HL/t0RqiyoyLsqBdKN4swW2UD1jQo0J33xZRkIZbNo1UbM4GRHijMM3BvqusELlikvG3d7iLE6B4gRzi5JCJpbmylO4ZdLiItpt8EJFARQNABfaPUQAOwA5ANfH27p+j86nVDd+dD758jAQChISQcBA80UthvAwDjEK1WJI7TAOMYq+wkEGBsTAQcEuh3GIUfDiMA4xilMuHGRgQAwEeamIaHunrKlWXQzR9eNH51MtPjqfsr3K7dYaiyGLuGuPzqc+NNbsLFd+dD6homoxpFQBHhEkhIMEAQyf1Ey7GKLN3u6ZpWrFELy7PefezbMuhpTio/NpHR+dT17ZZcpapdaPzifWrCyGbPKj8+las1iLIQEJ4SBBAHu9GHJbDElee3Q+8d2j84k5iyHdrrl+VwzJ62IItqWvL+tyMcT9Fq1aEwuLIeaHfZupj05EIEBCo9BZD6ZNDnTfTsPEeuNXhkzvFDUzyoowm7ntirtiRINtDuLGr+NmTsKsLbTJ6BvDdrlJkqOHsrBpDzBlcCX7GtscY2BlxJXxNpuzd+PAyvCC3z3o32NV3ItLUFyc3UFwLwemMsMpI4R8snOwIw+DZVyW0a3woHM4t7iVxUwzTl3OsKAJDCaWeTq5KMN/H8Nlpm201sTb7gKOOWVs2eeldICKZwasDABnmTo/ADcAOACoeFcMadyzR+cTOhZD2LFwkIEBMXBQQN1iyJqx7zAOMYoyHQZCQUIiCBjcXgy55mKIWRZDkPnR+dSdlgfwiCAp/bwUc2u199H5xMe3p7mIrIlrj86nSmvlR+fTYltfYSceFkOK/UwfnU9+/eh86jwfxiFGcZcemofaxRDPzkZWs24rhqCVr5kXQ27b2g29GOKcxZAtfHQ+GTNnsW9bMYT30fnkhcUQ1XMrhuCj8wHnU/Gj84mx89H5dNp+t/7ofLrD5C2GmGcvazHEenXz0fmkd6iGj86nxmLIqqoXQ7iQ204zjzdEIFCiIYTsDkDYfGEbZ7VhZ5ko7eUoS0pri4kPtAWVDIClfIwo4+CFTWEWEBi3HNfGytxWmYPcrNmRW1V2C55b1bsBtZtKd1ztpnq3cO1GK842GbQxK4dp/+y2o71vMPgypFhu5oLPMtyWBiO2gsoNCMGOYfUb0xSPGrgYeeA3lim4quFkkjGajX4ZUcp4MWOAbQA3tnovskkMLYMsfATlwchSRtKLawRVCwD3VjU2ADMAMwBkG5PNyoshlY/OJ2cvhuzuMA4xilY71WKImXJ64SADA2LgoFDKj84nu77GR+cTJxZD8tb5HgWVxRDvR+dTuRZDfLe8GFJeDGFv9fNeQ+5H5xNrPzqfvPXR+XTsxRBb1sVb9WEcYhScXEzn+Oh82r1H5xPq+aotD+MQo/Dc6i6GMGsxRNFLrcxbzdhQH51P1ce7uZg3jEOMArWLIR7DQChISAQBwxiLH51PZY6rvJyNzWrZxsWQQivLe3Q+ZWL7FUPWz63ushszFb0Y4peZbBs7IFCiQcysB8/YIncjIjdiCEMRlyBjuu/nm0m8aZjSlDC7QmwRK6ZUxmZzjd/gxzKfJQ/eBqwKRhmUy4OMjTLY0jYP3rAXh0dZXCuBW9xChZ4vVXW3yeK8uK+4EI1IvFFhwajeWLrgwZZH/lZfGUdu1G4HIWQcwfI6VQZDLlcJqks7zOIlsyssx1nay+CfK1L4N9AfQP0=',
    ),
  },
  {
    name: 'oneStream',
    madeBy: 'zstd -3',
    content: text(300),
    bytes: fromBase64(
      'KLUv/QRYTQUAogkdGZClbZtty3YdwbWjCWOUpVpKSi4tmIPqLveJsC3VGNq8Nbm7mqhqFPk3Jvv3Zfo3YvVvZjwpoUyId2YoiEDCikG5Tdxz0mhbqjFmFLRVMORIAHDVJP9Oh3XZoMT+fRCfOYJahkEEHEI6HIoiygBy+jdv+ncTAEzHuGIMIcqwQsGqwRPsDiYUh9VoO8U1caksuV012lCFe5NbrHLEuRsYzmeRwWGSASVlWQc=',
    ),
  },
  {
    name: 'literalsOnly',
    madeBy: 'zstd -3',
    content: noise(2000, 6),
    bytes: fromBase64(
      'KLUv/QRYRRcAOlMQB4QSEhBwAG4AbgAGWQajqKUDUIpv0AJMVSJsUSJhQAAsWzaUhpVMCsqKojJa6UxSwZtwlGVsA29g3piyWWgkSlwcouT84cgkTeAEGYXMJOxSQAwyhPkmjZUk8YJbtleATK4ljRgBAttIEO7ZNzMQomlQirk59KKtQdr2ckgEIlkvwEvCFf2yWGqYN8s4CxoZUCBB2ZRYoI0tv4jlIFo2SHr5FhbNObe592xwKBaRmRRIB/47aR+sFZd0i3rDPh5mq01ODwfbD7AQDOp04eB2Pk5Nq14yZDgCIlAwMJXPkqAmXpzmg5SiITNKsO0wvHl+y43ameMsE3ZsKzGyXFrPEujBeZ4QAnzDJE5r0ckIbetSATDZiZj7EpNd8iguyxxpbScEyC7jMIYBOke9lAOPrnRFOaVAedg6QLamF7QJE3AmxBhpvrxhR8l4+3gm1qanDXMletNTCepDyGfvDW09tx3cgOSwGfI2RVuSRfw2HChtKC6Qlmw2hz2NvJp6eFvAYUPM4UmZH9GM5qZIudo91SGlRFV4weJQmSBnIpE5bAlYN2FrOwloo5JARxhAop0QY9h5JGEinCAZNgWf9BTmdORqw80vf6hxHMiUQoZMjUggI7Nt1hASYohRTB8Q0naw8SkmdEwjD51UY8pkp2yZ0EnoIRoesot93eCUU4IfYlqhpjqwy4Rhf8YCcy0KlHzP6es3KQoThiU86ALLeV69NpmCCas0x2G/JbLJD80IKI5XAq8vnOEm97URgm6uYFLsiBG4gekICK3FwM/zqSNNWAsK17MjqROmDz1afyqqWQSPzdqLRDkMbKBWiEDrSfL+2dHVJm16SzJLgF4HokayKjOFDJYFa+0i1v2zPlcIUHEt2Bxk7k/FK2RKPDf69nYzIqU2eW06lZhb2CqBLkWSsvDifiZbf22ZY/F3y38s0/OepSVibeQ/xMkJNv07yrX0Xh3WQTEUnmJgJegRvLusZvFAoF8VcSGdxg==',
    ),
  },
  {
    name: 'directWeights',
    madeBy: 'zstd -3',
    content: noise(800, 3),
    bytes: fromBase64(
      'KLUv/QRYhQcA8ggIgSFJTI0hMdpbOgqQVqCCmMgcC5KqphtLsAyMYhalUBlyqGG6IkmyxxwgAkIQYnsDEBASV5sBGlsRhB1Ma5B06JH8niCAPto1g9KmXfQ7pxL8HpCE/EGefEEOJs3QU+BUtgn0THxiVv+IgeDTysFcm2M8gb6kZf9qabJcuGb+MBGup/xpMMb1jOJHwUV7mkBYsFTuM84uMPoCFkYCSSN9dumc0RBVWpf2ApLKpSM5XxVIGx00OgzlqKh+0YoY6iYzMQ7LkLUn9Tk6gPi4EkHgjZMpl1O6IhguAIjzpBy6yTlaUIJeKtJuL9i18/AqYpSeTw==',
    ),
  },
  {
    name: 'stored',
    madeBy: 'zstd -3',
    content: noise(500),
    bytes: fromBase64(
      'KLUv/QRYoQ8AIQHFT9HQGrIldMs3iq71sQgIkRkzuetP8iml5Ns+VxQBKOD0+uJ+B/EaQye36UVUrYU7s8zVtNTUVNONbSYAx2Cw1ErtzI6REGDcBTbNn9CFFMbABEwHTzl7OF2/ycDam+GQ97ygSAq70+qhcBhlDXkRcZAYWlemqsadQNzWmi3agcEtaOxgCy/ukpS8bktuttUCCvn97l3gkciU3/cuWagipP+jysYy52WUFhWYT9iuRZ64IfkzG3L5EVDXLydPJz/21tO4AtOF1MktbBL6sHhuyGAHwqZw9Xao7TMuVyO4JjsuN/WtKOkm1kvn2zhCLVcnliv9DguGNvxnuyb9PHnepsrDcv69szXm2OZfcurXxlkiKk09hlRXMF+H/LqQ8JkiDvRYf67/+h7yIvlwBI7vSMtGmMFma/OW9/0A3RqzP/xjN/4YhKj6DrfYTqQOEvhu+38mgADAsp8lSDqJps/lK842BF/+DhvtjxV2wKI9hvxSjyvVzBcOBTyqFJWAZbb+ECiToMHYjAxDKV+AChBfzrzWg5684NCbzhLFPf+72OGzmLMP5HerSy9V4fM4PUrw8F4nBJOVfh8seU+6AOcP0IxpolC6ItrNMazCvKJl5gwr4osIYYIYzUionwG42/lrkjnYSSm7JN+1qvFr1y149zNiyTNI',
    ),
  },
  {
    name: 'repeatedByte',
    madeBy: 'zstd -3',
    content: new Uint8Array(300_000).fill(7),
    bytes: fromBase64('KLUv/QRYVAAAEAcHAQD7/znAAgIAEAcDnwQHKuSrQw=='),
  },
  {
    name: 'empty',
    madeBy: 'zstd -3',
    content: new Uint8Array(),
    bytes: fromBase64('KLUv/SQAAQAAmenYUQ=='),
  },
]

export const lz4Fixtures: readonly Fixture[] = [
  {
    name: 'linked',
    madeBy: 'lz4 -9 -B4 -BD -BX --content-size',
    content: repeated(text(700), 200_000),
    bytes: fromBase64(
      'BCJNGFRArpUCAABgRVVSNjg5BgDyCDk1eyJpZCI6NTA0IHNoaXBwZWQgMjEwFQCVOTMyRVVSOTQzGwAyMTk4GwAmNzkVAIMyNEVVUjQxNzUA+AQ4NWN1c3RvbWVyLTU5OW9yZGVyFAA1NzE2DAAiMjI0ACM4NQkA9QA2ODAiYW1vdW50IjoxMDBjADU1NTQYACI2MywAODQ0MmkAYEVVUjc5M9QAIDYwtgCBNjVFVVIzNzGBACI3NwcAJTU2UwA1Nzg4PwAzODYxiQAiMDYpACE4MwgAJjUzMQA1MzMwMQAiNjMoADYxMjFRABY0QwEmMTMfATc1ODE4AAPpABI0GAElOTLXABE4twAjNzWKADU2NTEbACQyMp8AAs4AEDUqACMxMg0AJTU5awAXNDMBJjE0aAEiMzOIATc2NDHLAQOLABA1NQEjMzO/ATY4MzIjABA4GgAiMTBoACY3NFAAEzcnARYxcAAXNgsBNjM5M1wBJTQ1GAAxOTQ4OAAwODkxowEnNzQlARg4ZQIFPgAmNDCBASA2NsYAD7wC//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////8qUDIyMXsiupiKlQoBAAAPvAL/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////6FAwIHNoaRWZ0/UKAQAAD7wC/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////+hQcHBlZCCU8l1dFwAAAA+8Av////////////////81UC0zMzlvZAOAKwAAAAAEpTUL',
    ),
  },
  {
    name: 'independent',
    madeBy: 'lz4 -9 -B4 -BI -BX',
    content: repeated(text(700), 200_000),
    bytes: fromBase64(
      'BCJNGHRAvZUCAABgRVVSNjg5BgDyCDk1eyJpZCI6NTA0IHNoaXBwZWQgMjEwFQCVOTMyRVVSOTQzGwAyMTk4GwAmNzkVAIMyNEVVUjQxNzUA+AQ4NWN1c3RvbWVyLTU5OW9yZGVyFAA1NzE2DAAiMjI0ACM4NQkA9QA2ODAiYW1vdW50IjoxMDBjADU1NTQYACI2MywAODQ0MmkAYEVVUjc5M9QAIDYwtgCBNjVFVVIzNzGBACI3NwcAJTU2UwA1Nzg4PwAzODYxiQAiMDYpACE4MwgAJjUzMQA1MzMwMQAiNjMoADYxMjFRABY0QwEmMTMfATc1ODE4AAPpABI0GAElOTLXABE4twAjNzWKADU2NTEbACQyMp8AAs4AEDUqACMxMg0AJTU5awAXNDMBJjE0aAEiMzOIATc2NDHLAQOLABA1NQEjMzO/ATY4MzIjABA4GgAiMTBoACY3NFAAEzcnARYxcAAXNgsBNjM5M1wBJTQ1GAAxOTQ4OAAwODkxowEnNzQlARg4ZQIFPgAmNDCBASA2NsYAD7wC//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////8qUDIyMXsiupiKlZcCAADzA2lkIjo4MW9yZGVyNTBFVVIxMg0A5TU5IHNoaXBwZWQgNDAwDADxADE0NmN1c3RvbWVyLTMzOSwANjY0MSAAQDkyeyJVAII1M0VVUjMzNw4ANjgzMiMAEDgaACIxMGgAJjc0UAAhNzYUACY3MXAAJjYyXAA1MzkzLAA1ODQ1GAAxOTQ4OACVODkxRVVSOTc0GgA3NTg4mgAVOD4ANjQwNmIAEDbGAGBFVVI2ODkGACM5NcEAFjBIADIyMTAVADA5MzJjACg0M1cAAhsAJjc5FQBzMjRFVVI0Mf0ANTk4NXoAIjU5NAEIFAAmNzFUARMyPwEjODUJANc2ODAiYW1vdW50IjoxiQE1NTU0GAAiNjMsADg0NDJpAFBFVVI3OYcBIDY22wEwOTY1eQESN+EBIjc3BwAWNQoBJjc4IgEzODYxiQATMJUBIjgzsQEWMzEANTMzMDEAIjYzKAAXMbEBJjc0QwE3MTMzlwEXMTgAA+kAEjQYASU5MtcAETi3ACM3NYoANTY1MRsAJDIynwAPvAL//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////yVQMCBzaGmzP/zclQIAAPI4cHBlZCA1NTQiYW1vdW50Ijo2M3siaWQiOjQ0MmN1c3RvbWVyLTU5OUVVUjc5M0VVUjY2MEVVUjk2NUVVUjM3MW9yZGVyNzcHAGE1NiBzaGlTADU3ODg/ADI4NjFUADI4MDYpACE4MwgAJjUzMQA1MzMwMQAiNjMoADYxMjFRACU0NAwANTEzMwwANzU4MTgAEzK9AAE/ADU5OTLXABE4twAjNzWKADU2NTEbACQyMp8AAs4AEDUqACMxMg0AJTU5awA2NDAwgwAlNDZ3ADEzMzksACY2NK8AIzE5iwAQNTUBMzMzN2MAJjMyIwAQOBoAIjEwaAAmNzRQABM3JwEWMXAAFzYLATYzOTNcASU0NRgAMTk0ODgAMDg5MaMBJzc0JQEXOJoABpoBJjQwgQEgNjbGAADiARA47gEzNjk1wQAWMEgAMjIxMBUAMDkzMmMAKDQzVwACGwAmNzkVAHMyNEVVUjQx/QA4OTg1UwICpAEHFAAmNzFUARMyPwEjODUJADU2ODCyARcxiQEPvAL//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////yVQcHBlZCBW4NM6oAEAAPUaMzkzY3VzdG9tZXItODQ1IHNoaXBwZWQgOTQ4b3JkZXI4OTFFVVI5NzQaADU1ODgMADUxOTg+ADU0MDYYAMA2NjlvcmRFVVI2ODkGAKY5NXsiaWQiOjUwSAAyMjEwFQAwOTMyYwAoNDNXAAIbACY3ORUAgzI0RVVSNDE3NQAlODV6ADE1OTmsAAgUADU3MTYMACIyMjQAIzg1CQD2ADY4MCJhbW91bnQiOjEwMNsAJTU0GAAiNjMsADg0NDJpAGBFVVI3OTPUACA2MLYAgTY1RVVSMzcxgQAiNzcHABY1CgEmNzgiATM4NjGJACIwNikAITgzCAAmNTMxADUzMzAxACI2MygANjEyMVEAFjRDATcxMzOXARcxOAAD6QASNBgBJTky1wAROLcAIzc1igA1NjUxGwAkMjKfAALOABA1KgAjMTINACU1OWsAFzQzASYxNGgBIjMziAE3NjQxywEDiwAQNTUBIzMzvwE2ODMyIwAQOBoAIjEwaAAmNzRQABM3JwEWMXAAFzYLAQ+8Av////////////92UC0zMzlvI4AVygAAAAAEpTUL',
    ),
  },
  {
    name: 'storedBlock',
    madeBy: 'lz4 -1 -B4',
    content: noise(300),
    bytes: fromBase64(
      'BCJNGGRApywBAIAhAcVP0dAasiV0yzeKrvWxCAiRGTO560/yKaXk2z5XFAEo4PT64n4H8RpDJ7fpRVSthTuzzNW01NRU041tJgDHYLDUSu3MjpEQYNwFNs2f0IUUxsAETAdPOXs4Xb/JwNqb4ZD3vKBICrvT6qFwGGUNeRFxkBhaV6aqxp1A3NaaLdqBwS1o7GALL+6SlLxuS2621QIK+f3uXeCRyJTf9y5ZqCKk/6PKxjLnZZQWFZhP2K5Fnrgh+TMbcvkRUNcvJ08nP/bW07gC04XUyS1sEvqweG7IYAfCpnD1dqjtMy5XI7gmOy439a0o6SbWS+fbOEItVyeWK/0OC4Y2/Ge7Jv08ed6mysNy/r2zNebY5l9y6tfGWSIqTT2GVFcwX4f8upDwmSIO9Fh/rv/6HvIAAAAAEeJa2Q==',
    ),
  },
  {
    name: 'fourMebibyteBlocks',
    madeBy: 'lz4 -1 -B7 --no-frame-crc',
    content: text(1500),
    bytes: fromBase64(
      'BCJNGGBAgh4DAABgRVVSNjg5BgDyCDk1eyJpZCI6NTA0IHNoaXBwZWQgMjEwFQCVOTMyRVVSOTQzGwAyMTk4GwAmNzkVAIIyNEVVUjQxNxoA+AU5ODVjdXN0b21lci01OTlvcmRlchQANTcxNiAAIjIyNAAjODUJAPUANjgwImFtb3VudCI6MTAweAA1NTU0GAAiNjM1ADU0NDJJACA1Oc4AMDc5M9QAIDYwtgCBNjVFVVIzNzGBACI3NwcAJTU2UwA1Nzg4PwAyODYxVAAyODA2KQAhODMIACY1MzEANTMzMDEAIjYzKAA2MTIxUQAWNEMBJjEzHwE3NTgxOAAD6QARNF8ANTk5MtcAETi3ACM3NYoANTY1MRsAIzIyFQASOM4AEDXhACMxMg0AJTU5gwAXNDMBJjE0aAEiMzOIASY2NK8AIzE5iwAQNTUBIzMzvwE1ODMyTwAgMThDASExMKwANTU3NMcAIjM3/wAmNzGjARc2CwE1MzkzLAA1ODQ1UQAxOTQ4TAAwODkxowEWNzEBNTU4OCYAJjE5mgEmNDCBASI2NsYAEDH/ACIzNP8ANTkyNSgBFjd1ASY4MR0CJjc3IwAYNaYAFjN0ABYysQAmMTeEAhczRQEnOTA9ARM4PQEUN0YBNTI1NogAJTUzCwAgNjCtACM3MbQCIjIxtgAmODAUAiA1MWYDETPCAiM2NIcBFzHWASYzOMwAIjkwOgImNjNmAzI2Nza+AiY1NDQCFjmaASY3ND0DIjQ3ggE1MjU2ogEiMzFUACgyOPABIDMzGAIXMXwANTczOdgAIjU0cwAgMzngADA0MzfQAQZTAAdDAREy2QAjOTiCAyAwNqMDBOcAJjQy2wAnMTc3AQIuACI0NGgCIDg33wMgNTQpARQ0LAQmOTM/AiAyMlcAJjc1EgAjNTLaBCIyNnMBNTMxMmICJjg5lAIjNzPTBBExWAIWNRQCAEEEJjk21wEmMTFqAyYxOcEBB1kACYEDBS0BMTIyMvcCJjM17gAjMji1ASY0MmIAEjLvABYzCQEXMRgDMTI5NUcAJjk3iAAmMzKVBGA3MzRFVVIAAAAA',
    ),
  },
  {
    name: 'empty',
    madeBy: 'lz4 -1',
    content: new Uint8Array(),
    bytes: fromBase64('BCJNGGRApwAAAAAFXcwC'),
  },
]

/** The producer, and the compressed records of one batch. */
export const kafkaZstdBatches: readonly (readonly [string, Uint8Array])[] = [
  // topic orders-zstd
  [
    'java',
    fromBase64(
      'KLUv/QBYJDgAumbkETwAm6QD7j73Xuq21lrLEKFpKdFjoJVSKw2S8bR85gCVvfe+aOfoTYCCaDKllFJKZZbpPm+TJEnRDawRrewtAQcBAQElKJEGEJWitX/dX3EAAJJInh/SaKoeU9Z/zDDLUf+ezRP3aT83fOno3vppv0wUohU5mMgf/+toaY/nh9QZI40m97zeYlZmvb+kHjdmTH+PXetHt/nIzXP5pfdruYj+UlWb734/hkysoD5MCPloAiKHwkSWS3x8mhk8M4NDoulROUudVxd2uSq7Kp5wgWwwixLlEJgZTfuOM7dZVfp/ZdPNhOWEUEyfESPutor4u/qwoed/eutsxc/ouzHeTJgFEqWYPnozuchRMX0mfew2ITSAmG6mFSVwphcibiacE1gOaPpMKEIVDmjDdDO5yAFZ02e6MBHGAmQCu6abCWdFDpWDM33W7dObSYSdCOXgrLCmz+TuzznnbELTzXRlEGGXKDS98AhZ9zahGkmSPGIC0mjCpK5dxLLCdC1Kd1uiZrrGjv3WWz/09Ox8/Fwmkvg2oRoCBW5InijSaMq+rQsZfzkbmXrX9hH5advO1edsjzHfJ6gKiUBUh3/vdztZEAcMKCN1wjRFdfVZlT27/Kce/9LqQn+MwvxbXdPOVM7Wq916cZ0/zW3eidjb3NflP4yEhWJJEw6qLvU9YxwKEPBFooEijaZGCp3VleOuurr+m77D8fD+bc4AeTU1WaQZJtJoehSGWY/T8ykzV69h9uJjc6rOme09dvfmVF2ya56bQpRsKaKDC+t34nvIfIAAUCSaHFgx9Rm2jc5+qbM/1t7ryrLG97ibP6KiPm6dj9j+LR3btcWRJgHdD/e5nDDxkGhyWJ21UvsqX+qqMr00c0bMxPfndrHpZrt/3x5xGzvdut63rai5+Z6ECTbe2+dele7PMaSyOaLqc9TWz8cN3aJn81dfzre7+DxBHiFEICN5nCi7JjfzOr2cYmvef/7tLjdfqnsdGo4OHniROj86s9xnueWOF2UtZnUtZ3h1VnXma8/or5vj6/9Ff29f9Rk0wCJ5hkijifmzv/ir7HE7v1Dbv2orvrdHTMd2x/8qjAoWPJE6X6TRlGGZusx6vKpWv6rX0Jebud19RskiSIBEmrHSGGOFzdXD/mE7Xn/hZlmFWeiS2uZ83XHbOzruzsfX7sRQAwd6SB0qAdJoaorVwtJ9sR3j27b67LiNv9Vta4oUIBI4/p/7snR+MNSQOmGuLPE5S7Gv3n9FXZbrtbIzrGprt63Dhw7xMW7mbjbO3Kb9zfn5njJ84TNGopEijSYLY122nuLebu+2mM7e+tP9t198maiNbmUtXOgidcBIo8kfY19tqvVyrz7b22V8rdr6/66xO1u0goUrUqeMc8zuypqqsHLss2VeivK8sCs3u7ilOnzZst+jb7/+5zt0R3UumQZGJoUKTiSaKdJocuyi2Kou5Uystb11M3dme27fuVZ0zpWB+TahmomCEamzQxpNFV6Za2T0LHOWYq4xo2b25zrivtT2Xtkz33sMgVqokSwotRNJipKCtLAcUcYImXPnARKAcBACFkyzIMuhDIMIsRkRkURJmwFfpPiVXHeriLrHI+yGBmG28jy+ClgzE3ra4SvJh5JRmavB72tkvqhIymIHCNw7MjnU7FQ4pc8dDC33QrPB7sT+QJGv/HJIPvNRq0eEfdJ/lfQzj23AykxQN/m05wDCgIDgaM6H2Njl3ZbuFbbvEnGnGkozEH26ieVXVZwaKPdWfYQ/Id5aaOdjy88TsS1CypU/K1qEQGA18UQQATNXqffpY63vkFIr4Err1aY7Gd/nB3tfNd4uA1cGa41rOhOQHtGDOBspkhtI6uDxha2EE2cQKuNqwn+AYhkQr8eSwY9yX5tSCuMi5+QnnXxvY2MA7sZnXomvBr9QXJ/TZq0nupTtiVXEqsI2iMPUU5oCqg3ZMNGnqrAqdOiU527GZrRI6cBNmymRnF7AsytEpg8AGr1smeSuounlX1AUkECvPsXaIRDkwF7E70syZ8uWl0cnfaxLqMQjkhS8oi0jzSclsRRqVGLsLAyDVB7NXD6IqtCPjeNkFY6IAT6k0uQKeZoKpBgBQMzOHbQ9cJdJcSoXr6kIexrB7v36Vxu/hVFmP4KNfGlNkgy3ACL0Gln+yjszEBseX1ZNlI8PAqVixKmYeEv/h6gwPUcLhVipLA/q9oBPBjww6X0DWAKtjGMysmwHUGiSGluMmvtgMUyxbHM5pkwyapjKcERfRWecxiEXqFLpIO3TlxYe9v9DKHJuqdj/8mQP/5IaMAC0vRcl8HkPAixX5zdslohUo9U7SuImiJ8VZd7omBx4EwnamIGPL2w8cURwjAuxGqLDAdkj08Ing1CoA8gTrPd4pcGcTBUBAAA=',
    ),
  ],
  // topic franzgo-zstd
  [
    'franzGo',
    fromBase64(
      'KLUv/WSWKXUtAHpFBA4/sF5BfHib+qL7MPc/9UW3/cNv0o/Wh7epL7oP+1NxWNRUVIe3CY0PryxJKaXUe29uvsQkr5vZXbPPzO4pi5182QC/ANMANMb9lyTgSeay5HQuvv+QnprMZWWvrdbu/Xf0olCWzPvPKACbGePu/isKMEX6woX7j0hzkzms7LXF9VpfG9KquDelrwkBgNNzzteAAFxhyFK+9sMjZ3tjfM2HJwuUcN1f63F0uNbu157bkrlY9tqWK/NrGg+4ke7VvsZzIXNkstdWW1U3aLQiuEwhaY5WjhtVUx5aFXZLNLWgU3yKoqKa0iHjw4uozbXR+VRDiorFlA0aUU8b1Cb1ImrG5oJwobaqzbU9iykqFhvUZqNKCofUtsPB4GtZlrkxARV6rf0PxFAc2k1p//MwhGVKnrP/dTAwR1Yp+x8HA1oib+zY/zYI1fG28v6nQcgqc2Qq7O7ufxmC7jBsbu5/GIKuYt3e/nch6AelDBv2PwtAXZZy5cr/oICC+GTKlP/RAl+m5MmT/8kCQ6CUkv/5TxjaMUb+xz9FpnR3/gcJjJG1u/mfE4EjkZuZ+Z/LJ+aRl5f/SfBJ0nQZMuR/TQOydrnW/cc0YMk6ZEr331KPGTjrnPtv62nCsEq5/1oC0GwHMNY6pEEWbqdUSIvOyp4zSGsLrMzSAVGyk7ky2WurzHL/uR9KMBpX7j/nQ8nHpJBljyQuciFLHklAolepg4EXn1TmYCCkIY04kMBwz2gDichKGWksEANrjDMWGOEYX6s6IhM9vkZ1hIR2x34thgKs3ghDgRLe6MKozG58rYURk8zF4G716v9WJDjTcKlT/6cigZPq/g9FUZqm7v9OFEFh6v7PBII1O91h7v9KIJCSuZhsh7X/I0HUJnMx6f5vBBGVzGFF938iDrzJHJZDh/4vxAErAdlr8+rVeXmqw15dlyer2Dvr9H+Oi9Mdyiur9H/uyulqeWON/s/BnH74rlf3f86KQpcJt2v7P7eFQhAIlyv7P6fF9aXrrv9zWVxDJK3+z2GZEGbWSd2VCUV4UmdFwpgoqasi4QiN1FGJENtI3ZQISdxp/3NSmrJm0/7nojQtyRxWM4Vx/3NQIJjJHBZ1TyA02aXOCROayf9cE6YnTCflf47JAzW051zyIMqsUipZYiNjTLI0JbojceDGu484qNI7pzOywXE5XZHtyozTEWkgBwaBe6hhTO8MzA0AQB/RxsCAQNEBEoAARBAg+GGgI0BIoMA44c97EHsxVmqhZIRinRArgfkxT0ejXrvOZ1N62kGpo6lKzbu3KtlBCguYbsnuUDrVkyESeFhMlUI4mRB2CalCAScTwi4RVSjgZELYJaAKBZxMCLvEU2GA7Aqhp4lASGoklLUgEUilMqTBllhZhvwuTFUIE6VKgrD2UmkAZHcySqLhPISiDBlZl62viDAvHqH7jCFcy7yJP0rxgo9UQPzRiFc+URnxRRve4YsK02QQYN+kqhCaCFBsgVRFSLsCOlsc1QSxkJcFy/TluWgB64spgg7l104fgkqkNVI/jABVgx+LH8CKLecxcr7sKTllT8kpe0qOOIdK0OewHHEOlQUB1fyBKKGxHEBM/dJruOwREFO/9BqWDSYwZ4RVywfzl3qq/oSV9AP4hTxVTITVBQR4KH6ogo95m55GdRiWaGkvsbK7ZHlbmnzwoCAdhDCSwe5AhVGh5sOGMmzE0HyoUoexYeIrJ+hTC1FbjsKOBOMp3PuNpofiOeIWMxg7R0g0dx2MpNXkWm9rX0C9td6W/LQhqaVqcvN2y8ceciUSGKo4Oos4MiowPiQnGG40iOYdWio50N6jYmeD8aO6Qum1W8klCwrxR5uwC+1HQVs9hSE3isFXA/5KB0emGV9DVVEBMIptrLyjoB3RBbdFX+8TieXjAO2FasaC1pUVgeeuEZ+W8BAtmZuj778DavBAHQ==',
    ),
  ],
  // topic any, the median
  [
    'javaSmall',
    fromBase64(
      'KLUv/QBYjCkA2k2YDC7gnCQHOKw4phxWHFMOK45xUnAIqqelhRXHlMMq0ERERES6D6vTDiuOSLASeY2QzgCyALYAbUnVvhpoUqdOw7QvBu6YqIf2taC52Vi9z742zMzd5mf2pWB5We/ckn0lUOU9V38IQWa29UMHEDvF4IcMOM7Dw5m5Szf0faiA2SVrfYhA4sSXbC0fGuCO5gkfEtDdqe8eCsC8iontIQC7h26bHopUzzvG8heM4zw9nJnM3cRV/irEW1dP/oLuUq8l8pfGcR4fzoxtZsymxebBBoUMjBMpZmxiNjI1ZGwebGwhzNjEbGTAmCGTYsbmQXLvxWxWyLRAUSKFjE0OGcdfjuM8PgKdXyKgTeiNKb9CaNJkCdfxC0SmHTd+fUDszTbGLw93qJl08auD2VnyKX5xgFLSZIh6TCPxa4PGeX44M+7urolfGjTejn74lcG9L9HwC4O7eqLj1wX3Zru7Lwvu1rx8XxXc3cz2vii472H6fU1wz2W9+5Lg7tjY9xWjabS9r9Z0u3LC+1pNc5s6232lZntb+dJ9nWpCd/tKmuy+1L62rwiaxrZktq8HmuvrtG1c+3KgsbYOttdFEPEF79dDBAbRcHGHGBo2Mq4KSZjQHDOIuyZPRSDdl3Y/+PhW23zsalt72q+nh94hW6Z+PTxgnAeIM5OXZ3v6tQPmzpr1SwfM3V0frn7hgLGzc1b9ugFzZ76nXzbK3DpRF/WLRrW1KVva6ZeMYmO71mSmXzFqbc3M95J+yZSaWnt+vSgzzbSbXy7KzO44v1iYJUa8/FJhZq2dXyjMDPPLBJQ0GbphfpHopMnaOL9GQEmTJQ7OTNq1tmb7er5Erq5qvfb1eIma0dW+ni4RK6u1pX09XCJVzstD+3q2RKqmyc6+Hi2RpqZds68nS4SY9sFyeprUH3quRKamzP3QY0XVkJEfeqpEnp6euQ89VKLsbHfUh54pESenKmfmQ4+UaHNz1fChJ0qU6d2H99ADJcpURLWHnidRprFyeuhxEl1ervU2iSwttR8mUcqU+CyBQXTXRf56lGBjqvLXkwQRU7rkrwcJYiLy13ME8fbrMYIYgY+oIUgPFVZSSvsZIcfJCNUDESAQDAmKlEyVxN0DvKTxMYzh3jVCmATdvlti/mHgzt4x4jCCVvnyrDXBV2xRXlmXxU0T3La1Pi0936036I2IbkvVMsxQVWDSFqWjridA07bOB14FTEI1p2HZLQkIy3bVbYScpYUPRbbEiw1DLe0WhzJz+Z5QCpiEanZJ8QbYY83gVZ2kEZkpgVQIJxWJyx0hBOwqa6ltAQhfDBAfwVr/UMDhrq7lce0teFTqYteaRiDZrQJK9up1ls4eGHGCV4ydo6rPICttL8glFATiIxYHa/UM5NKetknzIXxZ4RO3hIB1tI53PHFLmM3RcneDIkDtRrZSV0u8Aje7K+vZhhzLkBcxVzlnOeQhTd0VHB2b6zrZLMkyHmurRwicY5b8MRKxX8zq/8PxSfysE/E7LANqlCwxaUQ3x2uFkWgSI6QVyaNsy8U/K79CW3CcTKUBUvPJ86Fty3x5cgrZRBULJFkwmhmLm+qxrX9k23ow1eM1V9TnX+vRVI/XXFmff61HUz1es32mhDMJvJ7XuurbCvLuEJnwYAR6nsTCdFN5s6qjXN8CJmuaHCBnObZWOWXjSl4PjQP0xKcl8eIduMnY8DrJapiA9FLDy3MR4gFsj8k0+HoWE33I0o0nAMdH499k5ARYiuDZSFjaiYf9nXjzydb4gjzN4e1VAQAA',
    ),
  ],
]
